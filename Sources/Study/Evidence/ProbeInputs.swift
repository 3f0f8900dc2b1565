import Basics
import Demonstrations
import Dispatch
import Policies
import Probes
import Runs

/// Collects what a study measured into the context that the probes read.
struct ProbeInputs {
    let study: Study
    let run: RunContext
    private let maker: PolicyMaker

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
        maker = PolicyMaker(study: study, run: run)
    }

    /// Why a study cannot give what a probe needs; nil where it can.
    func reasonWithout(_ need: Need) throws -> String? {
        switch need {
        case .checkpoints:
            study.settings.diffusion.training.auditedSteps.isEmpty ? "diffusion.training.audited_steps is empty" : nil
        case .sizes: study.settings.state.sizes.isEmpty ? "state.sizes is empty" : nil
        case .pictures: try study.data(run).set.cameras.isEmpty ? "without cameras no picture is asked about" : nil
        case .spaces, .denoisers, .monitors, .costs, .manifolds, .twin: nil
        }
    }

    /// The main part with what is needed measured, and the other parts inside it.
    func context(needs: Set<Need>) throws -> ProbeContext {
        let conditions = try study.conditions(run), data = try study.data(run)
        let answers = try answers(.main, conditions)
        var measurements = Measurements()
        measurements.records = try PolicyRecords(study, run).all(.main)
        if needs.contains(.spaces) { measurements.spaces = try ObservationSpaces(maker).all(conditions) }
        if needs.contains(.denoisers) {
            measurements[DenoiserAnswers.self] = try DenoiserMeasurement(maker).all(conditions, answers)
        }
        if needs.contains(.monitors) {
            measurements[MonitorScores.self] = try conditions.flatMap { condition in
                try GeneratedFile(condition: condition, data: data).readMonitors(
                    run.folder.path(GeneratedFile.path(condition.condition)))
            }
        }
        if needs.contains(.costs) {
            measurements[CostMeasurement.self] = try InferenceCosts(study: study, run: run).measure(conditions)
        }
        if needs.contains(.manifolds) {
            measurements[ManifoldRun.self] = try ManifoldFiles(folder: run.folder).read(
                study.settings.manifolds, root: study.settings.root / "manifolds")
        }
        return try context(
            .main, answers, measurements, twin: needs.contains(.twin) ? [part(.twin)] : [],
            sizes: needs.contains(.sizes) ? study.settings.state.sizes.sorted().map { try part(.size($0)) } : [])
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
                run.folder.path(GeneratedFile.path(condition.condition, part)), study.catalogue)
        }
    }

    private func context(
        _ part: StudyPart, _ answers: [GeneratedChunks], _ measurements: Measurements, twin: [ProbeContext] = [],
        sizes: [ProbeContext] = []
    ) throws -> ProbeContext {
        let data = try study.data(run, part: part), chunks = StudyChunks(data), settings = study.settings
        return try ProbeContext(
            train: chunks.chunks(of: data.train), reference: chunks.chunks(of: data.reference),
            query: chunks.chunks(of: data.query), generated: answers, measurements: measurements, twin: twin, sizes: sizes,
            rules: settings.rules, resamples: settings.probes.resamples, seed: settings.root / "probes", pool: study.pool)
    }
}

/// Measures what one query costs each policy: wall time of single queries after a warm-up, and counted bytes.
struct InferenceCosts {
    let study: Study
    let run: RunContext

    /// - Parameter conditions: held-out observations are the queries.
    func measure(_ conditions: [QueryCondition]) throws -> [CostMeasurement] {
        let queries = conditions.first { $0.condition == .heldout }?.observations ?? []
        let maker = PolicyMaker(study: study, run: run)
        return try study.catalogue.entries.filter(\.isTimed).compactMap { entry in
            guard let policy = try entry.make(maker) as? any CountedPolicy else { return nil }
            let cost = policy.cost
            return CostMeasurement(
                policy: entry.id, latencies: try latencies(of: policy, queries), peakMemoryBytes: cost.memoryBytes,
                parameters: cost.parameters, tableBytes: cost.tableBytes, macs: cost.macs,
                inferenceSteps: cost.inferenceSteps)
        }
    }

    private func latencies(of policy: any Policy, _ queries: [Observation]) throws -> [Double] {
        let seed = study.settings.root / "latency"
        _ = try policy.predict([queries[0]], samples: 1, seed: seed)
        return try (0..<study.settings.probes.latencyQueries).map { index in
            try run.interruption.check()
            let start = DispatchTime.now().uptimeNanoseconds
            _ = try policy.predict([queries[index % queries.count]], samples: 1, seed: seed / index)
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        }
    }
}
