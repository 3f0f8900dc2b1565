import Basics
import Policies

/// Asks every policy about every condition. Conditions already answered are kept when the stage is resumed.
struct QueryStage: Stage {
    let name = "query"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        let settings = context.settings
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "train-diffusion", of: context)
        try fingerprint.add(stage: "embed", of: context)
        fingerprint.add("samplers", settings.diffusion.samplers)
        let probes = settings.probes
        fingerprint.add(
            "queries",
            text: "\(probes.framesPerDemonstration) \(probes.samples) \(probes.imagesPerClass) \(settings.alt.topK)")
        try fingerprint.add(stage: "pictures", of: context)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        try conditions(context).map { GeneratedFile.path($0.name) }
    }

    private func conditions(_ context: StudyContext) throws -> [QueryCondition] {
        try QueryConditions(data: cache.data(context), settings: context.settings).all()
    }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context), settings = context.settings
        let policies = try StudyPolicies(data, context).all()
        let conditions = try conditions(context)
        let digest = try fingerprint(context).digest
        try FileSystem.makeFolder(context.runFolder.path("generated"))
        let meter = context.progress.start("asking the policies", total: conditions.count * policies.count)
        defer { meter.finish() }
        for (index, condition) in conditions.enumerated() {
            let path = context.runFolder.path(GeneratedFile.path(condition.name)), stamp = path + ".for"
            if FileSystem.exists(path), FileSystem.exists(stamp),
                String(decoding: try FileSystem.read(stamp), as: UTF8.self) == digest
            {
                context.log.info("\(condition.name): answered before, kept")
                continue
            }
            try FileSystem.remove(stamp)
            var answers: [(policy: String, predictions: [[Prediction]])] = []
            for (number, policy) in policies.enumerated()
            where condition.hasTruth || !StudyPolicies.needsTruth.contains(policy.name) {
                try context.interruption.check()
                let predictions = try policy.predict(
                    condition.observations, samples: policy.isStochastic ? settings.probes.samples : 1,
                    seed: settings.root / "query" / policy.name / condition.name)
                answers.append((policy.name, predictions))
                meter.update(index * policies.count + number + 1, detail: "\(policy.name), \(condition.name)")
            }
            try GeneratedFile(condition: condition, data: data).write(answers, to: path)
            try AtomicFile.write(digest, to: stamp)
        }
    }
}
