import Basics
import Demonstrations
import Policies

/// Carries recorded episodes out again and hands over what was observed at each query, to the bit: a simulator's episode is
/// decided by its start and its actions, and pictures take more room than the time to draw them is worth.
public struct RolloutReplay {
    /// A query of a recorded episode, and what was observed at it.
    public struct Moment: Sendable {
        /// Place among the episodes.
        public let episode: Int
        /// Place among the queries of the episode.
        public let query: Int
        public let observation: Observation
    }

    private let environment: any Environment
    private let layout: WindowLayout
    private let stepLimit: Int
    private let pool: WorkerPool

    /// All as in the runner that ran the episodes.
    public init(_ environment: any Environment, layout: WindowLayout, stepLimit: Int, pool: WorkerPool) {
        self.environment = environment
        self.layout = layout
        self.stepLimit = stepLimit
        self.pool = pool
    }

    /// - Parameters:
    ///   - starts: of the episodes, in their order.
    ///   - progress: called with the control steps done, of the limit; it may throw to stop.
    ///   - see: is given the moments of one control step at a time, of the episodes under way in their order.
    /// - Throws: `Failure` (`defect`) where an episode goes another way than it was recorded.
    public func run(
        _ episodes: [Rollout], from starts: [RolloutStart], progress: (Int) throws -> Void = { _ in },
        see: @escaping @Sendable ([Moment]) throws -> Void
    ) throws {
        precondition(episodes.map(\.start) == starts.map(\.number), "episodes from \(episodes.map(\.start)), starts \(starts.map(\.number))")
        let places = Dictionary(uniqueKeysWithValues: starts.enumerated().map { ($1.scene, $0) })
        let policy = RecordedActions(episodes: episodes, places: places, see: see)
        let again = try RolloutRunner(environment, policy, layout: layout, stepLimit: stepLimit, pool: pool).run(starts, progress: progress)
        for (first, second) in zip(episodes, again) {
            guard first.isSuccess == second.isSuccess, first.steps == second.steps, first.queries.count == second.queries.count else {
                throw Self.deviation(
                    first, step: min(first.steps, second.steps), expected: first.outcome, found: second.outcome)
            }
            try Self.check(second.final, is: first.final, first, step: first.steps)
        }
    }

    /// Recorded states are rounded to single precision.
    fileprivate static func check(_ state: [Double], is recorded: [Double], _ episode: Rollout, step: Int) throws {
        guard state.map(Float.init) != recorded.map(Float.init) else { return }
        throw deviation(episode, step: step, expected: "\(recorded)", found: "\(state)")
    }

    fileprivate static func deviation(_ episode: Rollout, step: Int, expected: String, found: String) -> Failure {
        Failure(
            .defect, "an episode carried out again goes another way than it was recorded", at: "start \(episode.start), step \(step)",
            expected: expected, found: found, remedy: "the simulator or the start is not that of the recording")
    }
}

extension Rollout {
    fileprivate var outcome: String { "\(isSuccess ? "success" : "failure") after \(steps) steps and \(queries.count) queries" }
}

/// Answers what was answered before.
private struct RecordedActions: Policy {
    let isStochastic = false
    let episodes: [Rollout]
    /// Of the episodes, by the seeds of their scenes.
    let places: [Seed: Int]
    let see: @Sendable ([RolloutReplay.Moment]) throws -> Void

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let moments = try observations.map(moment)
        try see(moments)
        return moments.map { [Prediction(actions: episodes[$0.episode].queries[$0.query].actions)] }
    }

    private func moment(_ observation: Observation) throws -> RolloutReplay.Moment {
        guard let memory = observation.episode, let place = places[memory.seed] else {
            throw Failure(.defect, "an observation is of none of the episodes that are carried out again")
        }
        let episode = episodes[place]
        guard let query = episode.queries.firstIndex(where: { $0.step == memory.step }) else {
            throw RolloutReplay.deviation(episode, step: memory.step, expected: episode.outcome, found: "a query at step \(memory.step)")
        }
        try RolloutReplay.check(memory.state, is: episode.queries[query].state, episode, step: memory.step)
        return RolloutReplay.Moment(episode: place, query: query, observation: observation)
    }
}
