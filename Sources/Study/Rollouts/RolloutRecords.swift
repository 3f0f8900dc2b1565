import Basics
import Demonstrations
import Policies
import Probes
import Rollouts
import Runs
import Tabletop

/// All episodes of a study, from the store or run now, and what is said of each.
struct RolloutRecords {
    private let study: Study
    private let run: RunContext
    let plan: RolloutPlan

    init(_ study: Study, _ run: RunContext, _ plan: RolloutPlan) {
        self.study = study
        self.run = run
        self.plan = plan
    }

    /// One record for each episode, cell by cell.
    /// - Parameter progress: called with the control steps done of all, and what is under way.
    func all(progress: (_ done: Int, _ detail: String) -> Void = { _, _ in }) throws -> [EpisodeRecord] {
        var done = 0
        return try plan.cells.flatMap { cell in
            let maker = PolicyMaker(study: study, run: run, part: cell.part), policies = AskedPolicies(maker)
            let scored = try EpisodeScoring(cell, maker, plan.task)
            return try cell.blocks(plan.task, maker).flatMap { block in
                try run.interruption.check()
                let detail = "\(cell.entry.id) (\(cell.part.name), \(cell.condition)), starts \(block.starts)"
                let rollouts = try block.obtain {
                    try policies.policy(cell.entry)
                } progress: { step in
                    progress(done + step, detail)
                }
                done += study.settings.rollouts.steps
                progress(done, detail)
                return try scored.records(rollouts)
            }
        }
    }

    /// Control steps of all, were none to end early.
    var work: Int { plan.cells.reduce(0) { $0 + $1.blockCount } * study.settings.rollouts.steps }
}

/// What is said of each episode of one cell.
private struct EpisodeScoring {
    private let cell: RolloutCell
    private let data: StudyData
    private let settings: RolloutSettings
    private let root: Seed
    private let task: any TabletopTask
    private let recall: TrainingRecall
    private let seed: Int
    /// Where the object lay at the start of each training demonstration.
    private let trainingObjects: [SIMD2<Double>]

    init(_ cell: RolloutCell, _ maker: PolicyMaker, _ task: any TabletopTask) throws {
        self.cell = cell
        self.task = task
        settings = maker.study.settings.rollouts
        root = cell.root(maker.study.settings)
        data = try maker.data()
        recall = try TrainingRecall(data, pool: maker.study.pool)
        seed = cell.entry.training?(cell.part).seedNumber ?? 0
        let set = data.set
        trainingObjects = try data.split.train.map {
            Self.object(try RecordedScenes.state(of: FrameReference(demonstration: $0, frame: 0), in: set))
        }
    }

    private static func object(_ state: TabletopState) -> SIMD2<Double> {
        SIMD2(state.cubes[0].position.x, state.cubes[0].position.y)
    }

    func records(_ rollouts: [Rollout]) throws -> [EpisodeRecord] {
        let recalled = try recalledDemonstrations(rollouts)
        return try zip(rollouts, recalled).map { rollout, recalled in
            let start = Self.object(task.initialState(seed: RolloutStart(rollout.start, root: root).scene))
            let distance = trainingObjects.map { (($0 - start) * ($0 - start)).sum().squareRoot() }.min() ?? .infinity
            let flags = rollout.queries.compactMap(\.isOutOfDistribution)
            return EpisodeRecord(
                task: task.name, condition: cell.condition, policy: cell.entry.id, family: cell.entry.family,
                demonstrations: data.split.train.count, trainingSeed: seed, start: rollout.start, isSuccess: rollout.isSuccess,
                progress: rollout.progress, steps: rollout.steps, queries: rollout.queries.count,
                flaggedShare: flags.isEmpty ? nil : Double(flags.count { $0 }) / Double(flags.count),
                firstFlag: rollout.queries.first { $0.isOutOfDistribution == true }?.step, recalled: recalled,
                reaction: try reaction(rollout), startDistance: distance)
        }
    }

    /// From the move until the hand is nearer to the object than to where it lay before.
    private func reaction(_ rollout: Rollout) throws -> Int? {
        guard cell.scene == .moved else { return nil }
        let moved = settings.movedAt
        let states = try rollout.queries.map { (step: $0.step, state: try TabletopState(flat: $0.state)) }
        // A query at the very step of the move sees the object where it was.
        guard let before = states.last(where: { $0.step <= moved }).map({ Self.object($0.state) }) else { return nil }
        return states.first { step, state in
            let hand = SIMD2(state.position.x, state.position.y), now = Self.object(state)
            func squared(_ point: SIMD2<Double>) -> Double { ((point - hand) * (point - hand)).sum() }
            return step > moved && squared(now) < squared(before)
        }.map { $0.step - moved }
    }

    /// The name of the demonstration of each query: what a lookup says it recalled, else that of the nearest training sequence.
    private func recalledDemonstrations(_ rollouts: [Rollout]) throws -> [[String]] {
        let nearest = recall.frames(of: rollouts.flatMap(\.queries).map(\.actions))
        let names = data.names
        var place = 0
        return rollouts.map { rollout in
            rollout.queries.map { query in
                defer { place += 1 }
                return names[(query.recalled ?? nearest[place]).demonstration].name
            }
        }
    }
}
