import Basics
import Policies

/// Asks every policy about every condition, in every part of the study. Conditions already answered are kept when the
/// stage is resumed.
struct QueryStage: Stage {
    let name = "query"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        let settings = context.settings
        var fingerprint = Fingerprint()
        for stage in ["train-diffusion", "train-controls", "embed", "pictures"] { try fingerprint.add(stage: stage, of: context) }
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

    func outputs(_ context: StudyContext) throws -> [String] {
        try StudyPart.all(context.settings).flatMap { part in
            try StudyQueries(cache, context, part).conditions().map { GeneratedFile.path($0.name, part) }
        }
    }

    func run(_ context: StudyContext) throws {
        let digest = try fingerprint(context).digest
        let policies = StudyPolicies(cache, context)
        for part in StudyPart.all(context.settings) {
            try ask(part, policies.all(part), digest: digest, context)
        }
    }

    private func ask(_ part: StudyPart, _ policies: [AskedPolicy], digest: String, _ context: StudyContext) throws {
        let queries = StudyQueries(cache, context, part)
        let conditions = try queries.conditions()
        let monitors = part == .main ? try ObservationMonitors(StudyPolicies(cache, context)) : nil
        try FileSystem.makeFolder(context.runFolder.path(PathName.folder(of: GeneratedFile.path("", part))))
        let meter = context.progress.start("asking the policies (\(part.name))", total: conditions.count * policies.count)
        defer { meter.finish() }
        for (index, condition) in conditions.enumerated() {
            let path = context.runFolder.path(GeneratedFile.path(condition.name, part)), stamp = path + ".for"
            if FileSystem.exists(path), FileSystem.exists(stamp),
                String(decoding: try FileSystem.read(stamp), as: UTF8.self) == digest
            {
                context.log.info("\(part.name), \(condition.name): answered before, kept")
                continue
            }
            try FileSystem.remove(stamp)
            var answers: [(policy: String, predictions: [[Prediction]])] = []
            for (number, asked) in policies.enumerated() where condition.hasTruth || !asked.needsTruth {
                try context.interruption.check()
                let policy = asked.policy
                // Twins draw the same noise: the part is not in the seed.
                let predictions = try policy.predict(
                    try queries.observations(condition, asked.view),
                    samples: policy.isStochastic ? context.settings.probes.samples : 1,
                    seed: context.settings.root / "query" / policy.name / condition.name)
                answers.append((policy.name, predictions))
                meter.update(index * policies.count + number + 1, detail: "\(policy.name), \(condition.name)")
            }
            let scores = try monitors?.scores(condition, answers) ?? []
            try GeneratedFile(condition: condition, data: queries.data()).write(answers, monitors: scores, to: path)
            try AtomicFile.write(digest, to: stamp)
        }
    }
}
