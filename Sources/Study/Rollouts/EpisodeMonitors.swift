import Basics
import Demonstrations
import Policies
import Probes
import Rollouts
import Runs
import Safetensors
import Store
import Synchronization
import Tabletop

/// Every monitor that can score one observation, as it is asked along episodes in the simulator.
struct EpisodeMonitors: Sendable {
    private let policy: ObservationMonitors?
    private let table: ActionLookupTable?
    private let spaces: [(monitors: FeatureMonitors, points: ObservationSpaces.Points)]

    /// - Parameter task: that the states of episodes are of; nil where nothing but the observation is known
    init(_ maker: PolicyMaker, _ task: (any TabletopTask)?) throws {
        let study = maker.study
        policy = try ObservationMonitors(maker)
        table = try maker.table()
        let observed = ObservationSpaces(maker)
        spaces = try (task.map(observed.simulated) ?? observed.served()).map { space, points in
            (FeatureMonitors(space, probes: study.settings.probeSeed, pool: study.pool), points)
        }
    }

    /// - Parameters:
    ///   - planned: what is carried out at each observation, and what was before it (nil at the first), normalised.
    ///   - seeds: one for each observation.
    /// - Returns: By monitor, one score for each observation.
    func scores(
        _ observations: [Observation], planned: [(now: [Float], before: [Float]?)], seeds: [Seed]
    ) throws -> [(monitor: String, score: [Double])] {
        var scores: [(monitor: String, score: [Double])] = []
        if let table { scores.append((MonitorScores.tableSimilarity, try dissimilarity(observations, table, seeds))) }
        for (monitors, points) in spaces {
            let found = try points.of(observations)
            if points.space == .subjectEncoder, let policy { scores += policy.scores(found, planned: planned, seeds: seeds) }
            scores += monitors.scores(found)
        }
        return scores
    }

    /// Minus the similarity that the table reports for an observation alone, whatever was recalled before.
    private func dissimilarity(_ observations: [Observation], _ table: ActionLookupTable, _ seeds: [Seed]) throws -> [Double] {
        let alone = observations.map { observation in
            var alone = observation
            alone.episode = nil
            return alone
        }
        return try table.predict(alone, samples: 1, seeds: seeds).map { -($0[0].match?.similarity ?? -.infinity) }
    }
}

/// The monitors' scores along the episodes of one block, an entry of the store: `<monitor>` [Q], queries as in the block.
struct MonitoredBlock {
    let block: RolloutBlock

    static let kind = Identity.Kind(
        "episode_monitors",
        code: RolloutBlock.kind.code + ObservationMonitors.kind.code.filter { !RolloutBlock.kind.code.contains($0) } + [
            "Probes/P21-MonitorBench/FeatureMonitors.swift", "Probes/P21-MonitorBench/PrincipalComponents.swift",
            "Probes/Shared/ObservationSpace.swift", "Probes/Shared/RowVectors.swift", "Study/Evidence/ObservationSpaces.swift",
            "Study/Rollouts/EpisodeMonitors.swift",
        ])
    private static let file = "monitors.safetensors"

    private var maker: PolicyMaker { block.maker }

    /// What decides the scores: the episodes and what the monitors are made of.
    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        fingerprint.add("episodes", try block.identity().fingerprint)
        for role in [PolicyRole.table, .sampler] {
            guard let entry = maker.study.catalogue.first(role), try maker.hasCameras() || !entry.needsCameras else { continue }
            var policy = Fingerprint()
            try maker.add(entry, to: &policy)
            fingerprint.add(role.rawValue, policy)
        }
        let state = try maker.study.digest("state data \(maker.part.name)") { try maker.data(.state).fingerprint }
        fingerprint.add("state", text: state)
        fingerprint.add("seed", text: "\(maker.study.settings.seed)")
        return Identity(Self.kind, fingerprint)
    }

    /// From the store; else measured now, by carrying the episodes out again.
    /// - Parameter progress: called with the control steps done, of `rollouts.steps`.
    func obtain(
        _ rollouts: [Rollout], _ monitors: () throws -> EpisodeMonitors, progress: (Int) -> Void
    ) throws -> [EpisodeMonitorRecord] {
        let cell = block.cell
        let title = "monitors along \(cell.entry.id) (\(cell.condition)), starts \(block.starts)"
        let found = try maker.run.obtain(identity(), title) { folder, _ in
            let scores = try scores(rollouts, monitors(), progress)
            try Safetensors.write(
                scores.map { ($0.monitor, Tensor(shape: [$0.score.count], values: $0.score)) },
                metadata: ["policy": cell.entry.id.name, "condition": cell.condition.name], to: "\(folder)/\(Self.file)")
            return [Self.file]
        }
        return try records(rollouts, Safetensors.decode(try found.data(Self.file), from: "\(found.path)/\(Self.file)"))
    }

    private func scores(
        _ rollouts: [Rollout], _ monitors: EpisodeMonitors, _ progress: (Int) -> Void
    ) throws -> [(monitor: String, score: [Float])] {
        let study = maker.study, data = try maker.data(), normalizer = data.normalizer, starts = block.rolloutStarts
        let queries = rollouts.reduce(0) { $0 + $1.queries.count }, first = Self.firstQueries(rollouts)
        let collected = Mutex<[(monitor: String, score: [Float])]>([])
        try RolloutReplay(block.environment(), layout: data.layout, stepLimit: study.settings.rollouts.steps, pool: study.pool)
            .run(rollouts, from: starts) { step in
                try maker.run.interruption.check()
                progress(step)
            } see: { moments in
                let planned = moments.map { moment in
                    let answers = rollouts[moment.episode].queries
                    func plan(_ query: Int) -> [Float] { normalizer.normalizeActions(answers[query].actions) }
                    return (now: plan(moment.query), before: moment.query > 0 ? plan(moment.query - 1) : nil)
                }
                let seeds = moments.map { starts[$0.episode].sampling / rollouts[$0.episode].queries[$0.query].step / "monitors" }
                let scores = try monitors.scores(moments.map(\.observation), planned: planned, seeds: seeds)
                collected.withLock { collected in
                    if collected.isEmpty { collected = scores.map { ($0.monitor, [Float](repeating: .nan, count: queries)) } }
                    for (place, (_, score)) in scores.enumerated() {
                        for (moment, value) in zip(moments, score) {
                            collected[place].score[first[moment.episode] + moment.query] = Float(value)
                        }
                    }
                }
            }
        return collected.withLock { $0 }
    }

    /// The place of each episode's first query among all.
    private static func firstQueries(_ rollouts: [Rollout]) -> [Int] {
        var next = 0
        return rollouts.map { rollout in
            defer { next += rollout.queries.count }
            return next
        }
    }

    private func records(_ rollouts: [Rollout], _ file: SafetensorsFile) throws -> [EpisodeMonitorRecord] {
        let queries = rollouts.reduce(0) { $0 + $1.queries.count }
        let scores = try file.names.map { ($0, try file.finite($0, shape: [queries]).map(Double.init)) }
        return zip(rollouts, Self.firstQueries(rollouts)).map { rollout, first in
            EpisodeMonitorRecord(
                policy: block.cell.entry.id, isReference: block.cell.purpose == .thresholds, start: rollout.start, isSuccess: rollout.isSuccess,
                steps: rollout.steps, queries: rollout.queries.map(\.step),
                scores: scores.map { ($0, Array($1[first..<first + rollout.queries.count])) })
        }
    }
}

/// What the monitors say along all episodes that they follow, from the store or measured now.
struct MonitoredRollouts {
    private let study: Study
    private let run: RunContext
    private let plan: RolloutPlan

    init(_ study: Study, _ run: RunContext, _ plan: RolloutPlan) {
        self.study = study
        self.run = run
        self.plan = plan
    }

    var blocks: [MonitoredBlock] {
        plan.monitored.flatMap { cell in
            cell.blocks(plan.task, PolicyMaker(study: study, run: run, part: cell.part)).map { MonitoredBlock(block: $0) }
        }
    }

    /// One record for each episode, cell by cell.
    func all() throws -> [EpisodeMonitorRecord] {
        let blocks = blocks, steps = study.settings.rollouts.steps, maker = PolicyMaker(study: study, run: run)
        let policies = AskedPolicies(maker), monitors = Once { [task = plan.task] in Result { try EpisodeMonitors(maker, task) } }
        let meter = run.progress.start("monitors along episodes", total: blocks.count * steps)
        defer { meter.finish() }
        return try blocks.enumerated().flatMap { place, monitored in
            try run.interruption.check()
            let cell = monitored.block.cell
            let rollouts = try monitored.block.obtain { try policies.policy(cell.entry) } progress: { _ in }
            return try monitored.obtain(rollouts) { try monitors.value.get() } progress: { step in
                meter.update(place * steps + step, detail: "\(cell.entry.id) (\(cell.condition)), starts \(monitored.block.starts)")
            }
        }
    }
}
