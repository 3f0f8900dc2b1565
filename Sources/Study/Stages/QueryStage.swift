import Basics
import Policies
import Probes
import Runs

/// Asks every policy about every condition, in every part of the study. Conditions already answered are kept when the
/// stage is resumed.
struct QueryStage: Stage {
    let name = "query"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        let settings = study.settings
        var fingerprint = Fingerprint()
        for stage in ["train-diffusion", "train-controls", "embed", "pictures"] { try fingerprint.add(stage: stage, of: run) }
        try fingerprint.add("samplers", settings.diffusion.samplers)
        let probes = settings.probes
        fingerprint.add(
            "queries",
            text: """
                \(probes.framesPerDemonstration) \(probes.samples) \(probes.imagesPerClass) \(settings.alt.topK) \
                \(probes.exactBandwidth)
                """)
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try StudyPart.all(study.settings).flatMap { part in
            try study.conditions(run, part).map { GeneratedFile.path($0.condition, part) }
        }
    }

    func run(_ run: RunContext) throws {
        let digest = try fingerprint(run).digest
        for part in StudyPart.all(study.settings) {
            try ask(part, PolicyMaker(study: study, run: run, part: part).asked(), digest: digest, run)
        }
    }

    private func ask(_ part: StudyPart, _ policies: [PolicyMaker.Made], digest: String, _ run: RunContext) throws {
        let conditions = try study.conditions(run, part)
        let monitors = part == .main ? try ObservationMonitors(PolicyMaker(study: study, run: run)) : nil
        try FileSystem.makeFolder(run.folder.path(GeneratedFile.folder(part)))
        let meter = run.progress.start("asking the policies (\(part.name))", total: conditions.count * policies.count)
        defer { meter.finish() }
        for (index, condition) in conditions.enumerated() {
            let path = run.folder.path(GeneratedFile.path(condition.condition, part)), stamp = path + ".for"
            if FileSystem.exists(path), FileSystem.exists(stamp),
                String(decoding: try FileSystem.read(stamp), as: UTF8.self) == digest
            {
                run.log.info("\(part.name), \(condition.condition): answered before, kept")
                continue
            }
            try FileSystem.remove(stamp)
            var answers: [(policy: PolicyID, predictions: [[Prediction]])] = []
            for (number, made) in policies.enumerated() where condition.hasTruth || made.entry.asked == .everywhere {
                try run.interruption.check()
                let policy = made.entry.id
                // Twins draw the same noise: the part is not in the seed.
                let predictions = try made.policy.predict(
                    try study.observations(condition, made.entry.view, run),
                    samples: made.policy.isStochastic ? study.settings.probes.samples : 1,
                    seed: study.settings.root / "query" / policy / condition.condition)
                answers.append((policy, predictions))
                meter.update(index * policies.count + number + 1, detail: "\(policy), \(condition.condition)")
            }
            let scores = try monitors?.scores(condition, answers) ?? []
            try GeneratedFile(condition: condition, data: study.data(run, part: part)).write(answers, monitors: scores, to: path)
            try AtomicFile.write(digest, to: stamp)
        }
    }
}
