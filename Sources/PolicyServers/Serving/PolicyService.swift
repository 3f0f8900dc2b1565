import Basics
import Demonstrations
import Policies

/// A policy as it is offered to clients of openpi's protocol: what it is shown, what it answers, and what is said of it.
public struct PolicyService: Sendable {
    public let name: String
    let policy: any Policy
    /// What is observed, in the policy's order.
    let cameras: [Camera]
    let lowDimKeys: [LowDimKey]
    /// Values of one action.
    let actionDimension: Int
    let layout: WindowLayout
    /// Names of the demonstrations that a lookup's matches are of.
    let demonstrations: [String]
    /// Of the draws of requests that name neither a seed nor an episode.
    let root: Seed
    /// By the number that a client gives its episode: the seed of its start and the one that its draws come from.
    let episodes: @Sendable (Int) -> (scene: Seed, sampling: Seed)
    /// What else the metadata say: where the policy comes from.
    public var about: [(key: String, value: MessagePackValue)] = []
    /// Scores of each observation by name, beside the answers; nil without monitors.
    public var monitors: Monitors?
    /// The training frame behind each answer, [T, A] in raw units, of a policy that names none itself; nil where nobody wants to know.
    public var recall: (@Sendable ([[Float]]) throws -> [FrameReference])?

    /// How unusual observations are, and what is planned at them.
    public struct Monitors: Sendable {
        /// One observation, what is carried out at it and what was planned before it in its episode (nil at the first), [T, A] in raw
        /// units, and the seed of what is drawn.
        public struct Moment: Sendable {
            public let observation: Observation
            public let planned: [Float]
            public let before: [Float]?
            public let seed: Seed
        }

        /// By monitor, one score for each moment; larger is more unusual.
        public let scores: @Sendable ([Moment]) throws -> [(monitor: String, score: [Double])]

        public init(_ scores: @escaping @Sendable ([Moment]) throws -> [(monitor: String, score: [Double])]) { self.scores = scores }
    }

    /// - Parameters:
    ///   - cameras: in the order of an observation's images
    ///   - lowDimKeys: in the order of an observation's values
    public init(
        _ name: String, _ policy: any Policy, cameras: [Camera], lowDimKeys: [LowDimKey], actionDimension: Int, layout: WindowLayout,
        demonstrations: [String] = [], root: Seed, episodes: @escaping @Sendable (Int) -> (scene: Seed, sampling: Seed)
    ) {
        (self.name, self.policy, self.cameras, self.lowDimKeys) = (name, policy, cameras, lowDimKeys)
        (self.actionDimension, self.layout, self.demonstrations) = (actionDimension, layout, demonstrations)
        (self.root, self.episodes) = (root, episodes)
    }

    /// The server's first message. `PublishedPolicy` reads of it what a client must know.
    var metadata: MessagePackValue {
        func described(_ dtype: NumpyType, _ shape: [Int]) -> MessagePackValue {
            .named([("dtype", .string("\(dtype)")), ("shape", Self.list(shape))])
        }
        let observed = cameras.map { ($0.key, described(.uint8, [$0.height, $0.width, 3])) } + lowDimKeys.map { ($0.key, described(.float32, [$0.width])) }
        return .named([
            ("policy", .string(name)), ("horizon", .integer(Int64(layout.horizon))), ("action_dim", .integer(Int64(actionDimension))),
            ("first_action", .string((layout.observationSteps == 1 ? ServedPolicySettings.FirstAction.current : .firstObserved).rawValue)),
            ("observation_steps", .integer(Int64(layout.observationSteps))), ("execute_from", .integer(Int64(layout.observationSteps - 1))),
            ("execute_steps", .integer(Int64(layout.executedSteps))), ("observation", .named(observed)), ("stochastic", .bool(policy.isStochastic)),
            ("remembers_episode", .bool(policy.remembersEpisode)), ("monitors", .bool(monitors != nil)),
        ] + about)
    }

    private static func list(_ values: [Int]) -> MessagePackValue { .array(values.map { .integer(Int64($0)) }) }

    /// Bytes of one whole request as our own client sends it, keys and headers apart.
    var observationBytes: Int {
        layout.observationSteps * (cameras.reduce(0) { $0 + $1.frameByteCount } + 4 * lowDimKeys.reduce(0) { $0 + $1.width })
    }
}
