import Basics

/// One episode of one policy in the simulator: a row of `rollouts.csv`.
public struct EpisodeRecord: Measurement, ProbeTable, Equatable {
    public static let name = "rollouts"
    /// In the run's folder.
    public static let file = "rollouts.csv"

    public var task = ""
    /// What happened in the scene.
    public var condition = Condition.closedLoop
    public var policy = PolicyID("", .control)
    /// Policies that differ only in training seed or number of demonstrations share a family.
    public var family = ""
    /// That the policy was trained on, or looks up in.
    public var demonstrations = 0
    public var trainingSeed = 0
    /// Number of the start: episodes with the same number begin alike and draw alike.
    public var start = 0
    public var isSuccess = false
    /// The largest progress reached, in [0, 1].
    public var progress = 0.0
    /// Control steps until success or the limit, and queries of the policy.
    public var steps = 0, queries = 0
    /// Of the queries, by the policy's own monitor; nil without one.
    public var flaggedShare: Double?
    /// The control step of the first flag.
    public var firstFlag: Int?
    /// The name of the demonstration behind each query: what a lookup recalled, else that of the nearest training sequence.
    public var recalled: [String] = []
    /// Control steps from the object's move until the hand is, at a query, nearer to where it is than to where it was; nil where it
    /// never is, or nothing is moved.
    public var reaction: Int?
    /// Metres from the object at the start to where it lay at the start of the nearest training demonstration; NaN where that is not known.
    public var startDistance = 0.0

    public init() {}

    public init(
        task: String, condition: Condition, policy: PolicyID, family: String, demonstrations: Int, trainingSeed: Int, start: Int,
        isSuccess: Bool, progress: Double, steps: Int, queries: Int, flaggedShare: Double?, firstFlag: Int?, recalled: [String],
        reaction: Int?, startDistance: Double
    ) {
        self.task = task
        self.condition = condition
        self.policy = policy
        self.family = family
        self.demonstrations = demonstrations
        self.trainingSeed = trainingSeed
        self.start = start
        self.isSuccess = isSuccess
        self.progress = progress
        self.steps = steps
        self.queries = queries
        self.flaggedShare = flaggedShare
        self.firstFlag = firstFlag
        self.recalled = recalled
        self.reaction = reaction
        self.startDistance = startDistance
    }

    /// From one query to the next.
    public var switches: Int { zip(recalled, recalled.dropFirst()).count { $0 != $1 } }

    /// Between names in one cell.
    private static let separator = ";"

    private var shown: Shown {
        get {
            Shown(
                policy: policy.name, recalled: recalled.joined(separator: Self.separator), distinct: Set(recalled).count,
                switches: switches)
        }
        set {
            policy = PolicyID(newValue.policy, .control)
            recalled = newValue.recalled.split(separator: Self.separator).map(String.init)
        }
    }

    /// How the typed values stand in the file.
    private struct Shown {
        var policy: String, recalled: String, distinct: Int, switches: Int
    }

    public static var columns: [Column<EpisodeRecord>] {
        [
            Column("task", \.task), Column("condition", \.condition), Column("policy", \.shown.policy), Column("family", \.family),
            Column("demonstrations", \.demonstrations), Column("training_seed", \.trainingSeed), Column("start", \.start),
            Column("success", \.isSuccess), Column("progress", \.progress), Column("steps", \.steps), Column("queries", \.queries),
            Column("flagged_share", \.flaggedShare), Column("first_flag_step", \.firstFlag), Column("recalled", \.shown.recalled),
            Column("recalled_demonstrations", \.shown.distinct), Column("switches", \.shown.switches),
            Column("reaction_steps", \.reaction), Column("start_distance", \.startDistance),
        ]
    }
}
