import Basics
import Demonstrations
import Dispatch
import Policies
import Probes
import Runs
import Tabletop

/// Collects what a study measured into the contexts that the probes read; each measurement is made when the first probe that
/// needs it is asked.
final class ProbeInputs {
    let study: Study
    let run: RunContext
    private let maker: PolicyMaker
    private var base: ProbeContext?
    private var parts: [StudyPart: ProbeContext] = [:]
    private var measured: Set<Need> = []
    /// Of all needs measured so far.
    private var measurements = Measurements()

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
        maker = PolicyMaker(study: study, run: run)
    }

    /// Why a study cannot give what a probe needs; nil where it can.
    func reasonWithout(_ need: Need) throws -> String? {
        if let audit = study.settings.audit, let reason = Self.reason(need, in: audit) { return reason }
        return switch need {
        case .checkpoints:
            study.settings.audit == nil && study.settings.diffusion.training.auditedSteps.isEmpty ? "diffusion.training.audited_steps is empty" : nil
        case .sizes: study.settings.state.sizes.isEmpty ? "state.sizes is empty" : nil
        case .spacings:
            study.settings.spacings.isEmpty
                ? study.settings.state.spacing ? "data.generate is null: no other demonstrations can be made" : "state.spacing is false" : nil
        case .pictures: try study.data(run).set.cameras.isEmpty ? "without cameras no picture is asked about" : nil
        case .rollouts:
            try RolloutSource.of(study, run) != nil ? nil : RolloutSource.reasonWithout(study)
        case .mixtures:
            try study.data(run).set.cameras.isEmpty || study.data(run).set.lowDimDimension == 0
                ? "without images and low-dim values there is nothing to mix" : nil
        case .scenes:
            try RecordedScenes.task(of: study.data(run).set) == nil ? "the embedded simulator did not make these demonstrations" : nil
        case .forks:
            try RecordedScenes.task(of: study.data(run).set) is DetourTask ? nil : "not a task of which several ways are known"
        case .spaces, .tableVariants, .denoisers, .monitors, .costs, .manifolds, .twin, .splits, .monitoredRollouts: nil
        }
    }

    /// What only a study that trains its policies can give.
    private static func reason(_ need: Need, in audit: AuditSettings) -> String? {
        switch need {
        case .checkpoints: audit.checkpoints.isEmpty ? "audit.checkpoints is empty: one state of the policy is asked" : nil
        case .sizes, .spacings: "an audit trains no policies on other demonstrations"
        case .manifolds: "an audit learns no curves in the plane"
        case .costs: audit.isNetwork ? nil : "time and memory of an audited policy are those of the program that runs it"
        case .denoisers: audit.isNetwork ? nil : "the network of an audited policy that only answers cannot be looked into"
        // An audited policy has no twin, and the probes say what that leaves out.
        case .spaces, .tableVariants, .monitors, .rollouts, .monitoredRollouts, .mixtures, .scenes, .forks, .pictures, .twin, .splits: nil
        }
    }

    /// The main part's answers, with nothing else measured.
    func context() throws -> ProbeContext {
        if let base { return base }
        let context = try part(.main)
        base = context
        measurements.records = context.measurements.records
        return context
    }

    /// What one probe is asked with: the answers and what it needs, the other parts inside.
    func context(of probe: any Probe, _ reads: RuleReads, _ kept: KeptNumbers) throws -> ProbeContext {
        let context = try context()
        for need in Need.allCases where probe.needs.contains(need) && measured.insert(need).inserted { try measure(need, context) }
        return try context.given(measurements.limited(to: probe.needs), siblings: siblings(probe.needs, of: context), reads: reads, kept: kept)
    }

    /// The other parts that a probe needs.
    private func siblings(_ needs: Set<Need>, of main: ProbeContext) throws -> ProbeContext.Siblings {
        let settings = study.settings
        var siblings = ProbeContext.Siblings()
        if needs.contains(.twin), settings.audit == nil { siblings.twin = [try part(.twin)] }
        if needs.contains(.sizes) { siblings.sizes = try settings.state.sizes.sorted().map { try part(.size($0)) } }
        if needs.contains(.splits) {
            siblings.splits = try settings.furtherSplits.map { number in
                var own = ProbeContext.Siblings()
                own.twin = [try part(.split(number, isTwin: true))]
                return try part(.split(number, isTwin: false)).with(own)
            }
        }
        if needs.contains(.spacings) {
            siblings.spacings = try settings.spacings.map { cell in
                ProbeContext.Spaced(cell: cell, context: try cell == settings.ownSpacing ? main : part(.spacing(cell)))
            }
        }
        return siblings
    }

    private func measure(_ need: Need, _ context: ProbeContext) throws {
        let conditions = try study.conditions(run)
        switch need {
        case .spaces: measurements.spaces = try ObservationSpaces(maker).all(conditions)
        case .tableVariants:
            measurements[TableKeySpace.self] = try ObservationSpaces(maker).keys(conditions)
            measurements[TableVariantError.self] = try maker.variantErrors()
        case .denoisers: measurements[DenoiserAnswers.self] = try DenoiserMeasurement(maker).all(conditions, context.generated)
        case .monitors:
            let data = try study.data(run)
            measurements[MonitorScores.self] = try conditions.flatMap { condition in
                let path = GeneratedFile.path(condition.condition)
                return try GeneratedFile(condition: condition, data: data).readMonitors(
                    run.output(path, of: StageName.query), from: path)
            }
        case .costs: measurements[CostMeasurement.self] = try InferenceCosts(study: study, run: run).measure(conditions)
        case .mixtures, .scenes, .forks: measurements[DesignedAnswers.self] += try DesignedMeasurement(maker).all(need)
        case .rollouts:
            measurements[EpisodeRecord.self] = try RolloutSource.of(study, run)?.episodes(study, run) ?? []
        case .monitoredRollouts:
            measurements[EpisodeMonitorRecord.self] = try RolloutSource.of(study, run)?.monitored(study, run) ?? []
        case .manifolds: measurements[ManifoldRun.self] = try ManifoldFiles(study.settings, run).read()
        case .checkpoints: measurements[DenoisingLoss.self] = try LossMeasurement(maker).all(conditions)
        case .twin, .sizes, .splits, .spacings, .pictures: break
        }
    }

    /// A part's answers and how its policies were trained.
    private func part(_ part: StudyPart) throws -> ProbeContext {
        if let context = parts[part] { return context }
        var measurements = Measurements()
        measurements.records = try PolicyRecords(study, run).all(part)
        let context = try context(part, answers(part, study.conditions(run, part)), measurements)
        parts[part] = context
        return context
    }

    private func answers(_ part: StudyPart, _ conditions: [QueryCondition]) throws -> [GeneratedChunks] {
        let data = try study.data(run, part: part)
        return try conditions.flatMap { condition in
            let path = GeneratedFile.path(condition.condition, part)
            return try GeneratedFile(condition: condition, data: data).read(
                run.output(path, of: StageName.query), from: path, study.catalogue)
        }
    }

    private func context(
        _ part: StudyPart, _ answers: [GeneratedChunks], _ measurements: Measurements
    ) throws -> ProbeContext {
        let data = try study.data(run, part: part), chunks = StudyChunks(data), settings = study.settings
        return try ProbeContext(
            train: chunks.chunks(of: data.train), reference: data.reference.isEmpty ? nil : chunks.chunks(of: data.reference),
            query: data.query.isEmpty ? nil : chunks.chunks(of: data.query), generated: answers, measurements: measurements, rules: settings.rules, resamples: settings.probes.resamples, seed: settings.probeSeed, pool: study.pool)
    }
}

extension Settings {
    /// Of everything that a probe draws.
    var probeSeed: Seed { root / "probes" }
}

/// Measures what one query costs each policy: wall time of single queries after a warm-up, and counted bytes.
struct InferenceCosts {
    let study: Study
    let run: RunContext

    /// - Parameter conditions: held-out observations are the queries, or where there are none those trained on.
    func measure(_ conditions: [QueryCondition]) throws -> [CostMeasurement] {
        let queries = (conditions.first { $0.condition == .heldout } ?? conditions.first)?.observations ?? []
        let maker = PolicyMaker(study: study, run: run), count = study.settings.probes.latencyQueries
        let own = try study.catalogue.entries.filter(\.isTimed).compactMap { entry -> CostMeasurement? in
            guard let policy = try entry.make(maker) as? any CountedPolicy else { return nil }
            return try cost(of: policy, entry.id, .timed, queries, count: count)
        }
        return try own + (study.settings.probes.referenceSize ? ReferenceSize(maker).costs { policy, id, most in
            try cost(of: policy, id, .timedAtReferenceSize, queries, count: min(count, most))
        } : [])
    }

    private func cost(
        of policy: any CountedPolicy, _ id: PolicyID, _ condition: Condition, _ queries: [Observation], count: Int
    ) throws -> CostMeasurement {
        let cost = policy.cost
        return CostMeasurement(
            policy: id, condition: condition, latencies: try latencies(of: policy, queries, count), peakMemoryBytes: cost.memoryBytes,
            parameters: cost.parameters, tableBytes: cost.tableBytes, macs: cost.macs, inferenceSteps: cost.inferenceSteps)
    }

    private func latencies(of policy: any Policy, _ queries: [Observation], _ count: Int) throws -> [Double] {
        let seed = study.settings.root / "latency"
        _ = try policy.predict([queries[0]], samples: 1, seed: seed)
        return try (0..<count).map { index in
            try run.interruption.check()
            let start = DispatchTime.now().uptimeNanoseconds
            _ = try policy.predict([queries[index % queries.count]], samples: 1, seed: seed / index)
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        }
    }
}
