import Basics
import Policies
import Probes
import Runs

/// Collects what a study measured into the context that the probes read.
struct ProbeInputs {
    let study: Study
    let run: RunContext
    private let policies: StudyPolicies

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
        policies = StudyPolicies(study, run)
    }

    /// The main part with everything measured, and the other parts inside it.
    func context(probes: [any Probe]) throws -> ProbeContext {
        let conditions = try study.conditions(run), data = try study.data(run)
        let answers = try answers(.main, conditions)
        var measurements = Measurements()
        measurements.records = try PolicyRecords(study, run).all(.main)
        measurements.spaces = try ObservationSpaces(policies).all(conditions)
        measurements.denoisers = try DenoiserMeasurement(policies).all(conditions, answers)
        measurements.monitors = try conditions.flatMap { condition in
            try GeneratedFile(condition: condition, data: data).readMonitors(
                run.folder.path(GeneratedFile.path(condition.name)))
        }
        if probes.contains(where: { $0.name == "p23" }) {
            measurements.costs = try InferenceCosts(policies: policies).measure(conditions)
        }
        if probes.contains(where: { $0.name == "p17" }) {
            measurements.manifolds = try ManifoldFiles(folder: run.folder).read(
                study.settings.manifolds.configuration, root: study.settings.root / "manifolds")
        }
        measurements.twin = [try self.part(.twin)]
        measurements.sizes = try study.settings.state.sizes.sorted().map { try self.part(.size($0)) }
        return try context(.main, answers, measurements)
    }

    /// Another part: its answers and how its policies were trained.
    private func part(_ part: StudyPart) throws -> ProbeContext {
        let conditions = try study.conditions(run, part)
        var measurements = Measurements()
        measurements.records = try PolicyRecords(study, run).all(part)
        return try context(part, answers(part, conditions), measurements)
    }

    private func answers(_ part: StudyPart, _ conditions: [QueryCondition]) throws -> [GeneratedChunks] {
        let data = try study.data(run, part: part)
        return try conditions.flatMap { condition in
            try GeneratedFile(condition: condition, data: data).read(
                run.folder.path(GeneratedFile.path(condition.name, part)))
        }
    }

    private func context(
        _ part: StudyPart, _ answers: [GeneratedChunks], _ measurements: Measurements
    ) throws -> ProbeContext {
        let data = try study.data(run, part: part), chunks = StudyChunks(data), settings = study.settings
        return try ProbeContext(
            train: chunks.chunks(of: data.train), reference: chunks.chunks(of: data.reference),
            query: chunks.chunks(of: data.query), generated: answers, measurements: measurements, rules: settings.rules,
            resamples: settings.probes.resamples, seed: settings.root / "probes", pool: policies.pool)
    }
}
