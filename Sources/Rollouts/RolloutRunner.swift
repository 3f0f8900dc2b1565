import Basics
import Demonstrations
import Policies

/// Runs a policy in episodes with a receding horizon: every `executedSteps` control steps it is asked for a sequence, of which
/// so many actions are carried out (Chi et al. 2023). An episode ends with success, or at the step limit.
///
/// All episodes of a batch are asked together at the same control steps. An answer does not depend on what is asked beside it,
/// so the batch changes no episode.
public struct RolloutRunner {
    let environment: any Environment
    let policy: any Policy
    let layout: WindowLayout
    let stepLimit: Int
    let pool: WorkerPool

    public init(_ environment: any Environment, _ policy: any Policy, layout: WindowLayout, stepLimit: Int, pool: WorkerPool) {
        precondition(stepLimit > 0, "a limit of \(stepLimit) steps")
        self.environment = environment
        self.policy = policy
        self.layout = layout
        self.stepLimit = stepLimit
        self.pool = pool
    }

    /// One episode for each start, in their order.
    /// - Parameter progress: called with the control steps done, of `stepLimit`; it may throw to stop.
    public func run(_ starts: [RolloutStart], progress: (Int) throws -> Void = { _ in }) throws -> [Rollout] {
        var batch = try environment.begin(starts.map(\.scene), pool: pool)
        var episodes = starts.indices.map { Episode(start: starts[$0], standing: batch.standing($0)) }
        var step = 0
        while step < stepLimit {
            let open = episodes.indices.filter { !episodes[$0].standing.isSuccess }
            guard !open.isEmpty else { break }
            try look(open, at: step, &episodes, &batch)
            if step % layout.executedSteps == 0 { try ask(open, at: step, &episodes) }
            try batch.step(open, actions: open.map { episodes[$0].action(layout) })
            step += 1
            for index in open { episodes[index].advance(to: batch.standing(index), step: step) }
            try progress(step)
        }
        return episodes.map(\.rollout)
    }

    /// Only the moments that a query will see are observed: rendering takes most of the time.
    private func look(_ open: [Int], at step: Int, _ episodes: inout [Episode], _ batch: inout any EpisodeBatch) throws {
        let untilQuery = (layout.executedSteps - step % layout.executedSteps) % layout.executedSteps
        guard untilQuery < layout.observationSteps else { return }
        for (index, frame) in zip(open, try batch.observe(open)) { episodes[index].see(frame, keeping: layout.observationSteps) }
    }

    private func ask(_ open: [Int], at step: Int, _ episodes: inout [Episode]) throws {
        let observations = open.map { episodes[$0].observation(layout.observationSteps, at: step) }
        for (place, index) in open.enumerated() where episodes[index].first == nil { episodes[index].first = observations[place] }
        let answers = try policy.predict(observations, samples: 1, seeds: open.map { episodes[$0].start.sampling / step })
        for (index, answer) in zip(open, answers) {
            let prediction = answer[0]
            guard prediction.actions.allSatisfy(\.isFinite) else {
                throw Failure(
                    .defect, "a policy answered actions that are not finite", at: "start \(episodes[index].start.number), step \(step)",
                    expected: "finite numbers", remedy: "look at the policy's training loss")
            }
            episodes[index].queries.append(
                Rollout.Query(
                    step: step, state: episodes[index].standing.state, actions: prediction.actions,
                    recalled: prediction.match?.frame, isOutOfDistribution: prediction.isOutOfDistribution))
        }
    }

    /// One episode under way.
    private struct Episode {
        let start: RolloutStart
        var standing: EpisodeStanding
        var progress: Double
        var step = 0
        /// The last moments observed, oldest first.
        var frames: [Frame] = []
        var first: Observation?
        var queries: [Rollout.Query] = []

        init(start: RolloutStart, standing: EpisodeStanding) {
            self.start = start
            self.standing = standing
            progress = standing.progress
        }

        mutating func see(_ frame: Frame, keeping count: Int) {
            frames.append(frame)
            if frames.count > count { frames.removeFirst(frames.count - count) }
        }

        mutating func advance(to standing: EpisodeStanding, step: Int) {
            self.standing = standing
            self.step = step
            progress = max(progress, standing.progress)
        }

        /// Before the start the first moment repeats, as in the windows of the data.
        func observation(_ steps: Int, at step: Int) -> Observation {
            let shown = [Frame](repeating: frames[0], count: steps - frames.count) + frames
            return Observation(
                images: shown.map(\.images), lowDim: shown.map(\.lowDim), source: nil,
                episode: EpisodeMemory(
                    step: step, start: first, recalled: queries.compactMap(\.recalled), seed: start.scene, state: standing.state))
        }

        /// The action to carry out now, of the last answer. [A]
        func action(_ layout: WindowLayout) -> [Float] {
            let query = queries[queries.count - 1], width = query.actions.count / layout.horizon
            let place = layout.observationSteps - 1 + step - query.step
            return Array(query.actions[place * width..<(place + 1) * width])
        }

        var rollout: Rollout {
            Rollout(start: start.number, isSuccess: standing.isSuccess, progress: progress, steps: step, queries: queries, final: standing.state)
        }
    }
}
