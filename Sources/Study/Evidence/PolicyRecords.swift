import Basics
import Policies
import Probes
import Runs
import Training

/// How the trained policies of a part came to be, from the catalogue and `metrics.csv`.
struct PolicyRecords {
    private let study: Study
    private let run: RunContext
    /// Steps over which the training loss is averaged.
    private static let lossSteps = 200

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
    }

    /// An audited policy, of whose training the steps are known.
    private func audited(_ entry: CatalogueEntry) throws -> PolicyRecord? {
        guard study.settings.audit != nil, let steps = entry.steps else { return nil }
        let data = try study.data(run)
        return PolicyRecord(
            policy: entry.id, family: entry.family, observations: data.set.cameras.isEmpty ? "low-dim" : "images", seed: 0, steps: steps, epochs: nil,
            windows: data.train.count, demonstrations: data.split.train.count, loss: nil)
    }

    func all(_ part: StudyPart) throws -> [PolicyRecord] {
        let losses = try MetricsFile.rows(run.output("metrics.csv", of: StageName.encoders), from: "metrics.csv").filter { $0.metric == StepMetric.loss }
        let byStage = Dictionary(grouping: losses, by: \.stage)
        return try study.catalogue.entries.filter { $0.parts.contains(part) }.compactMap { entry in
            guard let training = entry.training?(part) else { return try audited(entry) }
            let data = try study.data(run, view: training.view, part: part), steps = entry.steps ?? training.steps
            let last = (byStage[training.name] ?? []).filter { $0.step <= steps && $0.step > steps - Self.lossSteps }
                .map(\.value)
            return PolicyRecord(
                policy: entry.id, family: entry.family, observations: data.set.cameras.isEmpty ? "low-dim" : "images",
                seed: training.seedNumber, steps: steps,
                epochs: Double(steps * study.settings.diffusion.training.batchSize) / Double(data.train.count),
                windows: data.train.count, demonstrations: data.split.train.count,
                loss: last.isEmpty ? nil : last.reduce(0, +) / Double(last.count))
        }
    }
}
