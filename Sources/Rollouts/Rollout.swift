import Basics
import Demonstrations

/// Where an episode starts, and what is drawn in it: the same for every policy, so that episodes pair.
public struct RolloutStart: Sendable, Equatable {
    public let number: Int
    /// Of the scene.
    public let scene: Seed
    /// Of the policy's draws; the query at control step t draws from `sampling / t`.
    public let sampling: Seed

    /// Start `number` of a study: nothing but the root and the number decides it.
    public init(_ number: Int, root: Seed) {
        self.number = number
        scene = root / "start" / number
        sampling = root / "sampling" / number
    }
}

/// One episode of one policy.
public struct Rollout: Sendable, Equatable {
    /// One query of the policy and what it answered.
    public struct Query: Sendable, Equatable {
        /// Control steps before it.
        public var step: Int
        /// The simulator's state then.
        public var state: [Double]
        /// [T, A], raw units; the first is the action of the first observed step.
        public var actions: [Float]
        /// The training frame that a lookup says it recalled.
        public var recalled: FrameReference?
        public var isOutOfDistribution: Bool?

        public init(step: Int, state: [Double], actions: [Float], recalled: FrameReference?, isOutOfDistribution: Bool?) {
            self.step = step
            self.state = state
            self.actions = actions
            self.recalled = recalled
            self.isOutOfDistribution = isOutOfDistribution
        }
    }

    public var start: Int
    public var isSuccess: Bool
    /// The largest progress reached.
    public var progress: Double
    /// Control steps until success, or until the limit.
    public var steps: Int
    public var queries: [Query]
    /// The simulator's state at the end.
    public var final: [Double]

    public init(start: Int, isSuccess: Bool, progress: Double, steps: Int, queries: [Query], final: [Double]) {
        self.start = start
        self.isSuccess = isSuccess
        self.progress = progress
        self.steps = steps
        self.queries = queries
        self.final = final
    }
}
