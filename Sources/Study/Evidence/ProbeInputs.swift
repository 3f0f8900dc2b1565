import Basics
import Compute
import Policies
import Probes

/// Collects what a study measured into the context that the probes read.
struct ProbeInputs {
    let cache: StudyDataCache
    let context: StudyContext
    private let policies: StudyPolicies

    init(_ cache: StudyDataCache, _ context: StudyContext) {
        self.cache = cache
        self.context = context
        policies = StudyPolicies(cache, context)
    }

    /// The main part with everything measured, and the other parts inside it.
    func context(probes: [any Probe]) throws -> ProbeContext {
        let queries = StudyQueries(cache, context, .main)
        let conditions = try queries.conditions()
        let answers = try answers(.main, conditions)
        var measurements = Measurements()
        measurements.records = try PolicyRecords(cache, context).all(.main)
        measurements.spaces = try ObservationSpaces(policies).all(conditions)
        measurements.denoisers = try DenoiserMeasurement(policies).all(conditions, answers)
        measurements.monitors = try conditions.flatMap { condition in
            try GeneratedFile(condition: condition, data: queries.data()).readMonitors(
                context.runFolder.path(GeneratedFile.path(condition.name)))
        }
        if probes.contains(where: { $0.name == "p23" }) {
            measurements.costs = try InferenceCosts(policies: policies).measure(conditions)
        }
        if probes.contains(where: { $0.name == "p17" }) {
            measurements.manifolds = try ManifoldFiles(folder: context.runFolder).read(
                context.settings.manifolds, root: context.settings.root / "manifolds")
        }
        measurements.twin = [try self.part(.twin)]
        measurements.sizes = try context.settings.state.sizes.sorted().map { try self.part(.size($0)) }
        return try context(.main, answers, measurements)
    }

    /// Another part: its answers and how its policies were trained.
    private func part(_ part: StudyPart) throws -> ProbeContext {
        let conditions = try StudyQueries(cache, context, part).conditions()
        var measurements = Measurements()
        measurements.records = try PolicyRecords(cache, context).all(part)
        return try context(part, answers(part, conditions), measurements)
    }

    private func answers(_ part: StudyPart, _ conditions: [QueryCondition]) throws -> [GeneratedChunks] {
        let data = try StudyQueries(cache, context, part).data()
        return try conditions.flatMap { condition in
            try GeneratedFile(condition: condition, data: data).read(
                context.runFolder.path(GeneratedFile.path(condition.name, part)))
        }
    }

    private func context(
        _ part: StudyPart, _ answers: [GeneratedChunks], _ measurements: Measurements
    ) throws -> ProbeContext {
        let data = try StudyQueries(cache, context, part).data(), chunks = StudyChunks(data), settings = context.settings
        return try ProbeContext(
            train: chunks.chunks(of: data.train), reference: chunks.chunks(of: data.reference),
            query: chunks.chunks(of: data.query), generated: answers, measurements: measurements, rules: settings.rules,
            resamples: settings.probes.resamples, seed: settings.root / "probes", workers: settings.workers)
    }
}
