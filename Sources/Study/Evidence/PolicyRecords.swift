import Probes
import Runs

/// How the trained policies of a part came to be, from the settings and `metrics.csv`.
struct PolicyRecords {
    private let study: Study
    private let run: RunContext
    private let members: TrainingMembers
    /// Steps over which the training loss is averaged.
    private static let lossSteps = 200

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
        members = TrainingMembers(settings: study.settings)
    }

    func all(_ part: StudyPart) throws -> [PolicyRecord] {
        let losses = try RunTables(path: run.folder.path).read("metrics.csv")
        func record(_ policy: String, _ family: String, _ member: TrainingMember, steps: Int? = nil) throws -> PolicyRecord {
            let data = try study.data(run, view: member.view, part: member.part), steps = steps ?? member.steps
            let rows = losses?.rows(where: ["stage": member.name, "metric": "loss"]) ?? []
            let last = rows.compactMap { row -> Double? in
                guard let losses, let step = losses.number("step", row), let loss = losses.number("value", row) else { return nil }
                return step <= Double(steps) && step > Double(steps - Self.lossSteps) ? loss : nil
            }
            return PolicyRecord(
                policy: policy, family: family, observations: data.set.cameras.isEmpty ? "low-dim" : "images",
                seed: member.seedNumber, steps: steps,
                epochs: Double(steps * study.settings.diffusion.training.batchSize) / Double(data.train.count),
                windows: data.train.count, demonstrations: data.split.train.count,
                loss: last.isEmpty ? nil : last.reduce(0, +) / Double(last.count))
        }
        var records: [PolicyRecord] = []
        if part == .main {
            records.append(try record("diffusion_ddim", "diffusion_ddim", members.diffusion[0]))
            for member in members.diffusion {
                let name = member.seedNumber == 0 ? "diffusion_ddpm" : "diffusion_ddpm_s\(member.seedNumber)"
                records.append(try record(name, "diffusion_ddpm", member))
            }
            for step in study.settings.diffusion.training.auditedSteps {
                records.append(
                    try record("diffusion_ddpm_at_\(step)", "diffusion_ddpm", members.diffusion[0], steps: step))
            }
            records.append(try record("behaviour_cloning", "behaviour_cloning", members.behaviourCloning))
        }
        for member in members.state(of: part) {
            switch member.objective {
            case .generative: records.append(try record("state_ddpm_s\(member.seedNumber)", "state_ddpm", member))
            case .regression: records.append(try record(member.family, member.family, member))
            }
        }
        return records
    }
}
