/// How a trained policy came to be: what must stand beside every verdict about it.
public struct PolicyRecord: Sendable, Equatable {
    /// The policy's name in every table.
    public var policy: String
    /// Policies that differ only in training seed, steps or number of demonstrations share a family: `diffusion_ddim`.
    public var family: String
    /// What it sees: `images` or `low-dim`.
    public var observations: String
    public var seed: Int
    /// Optimizer steps taken.
    public var steps: Int
    /// Steps x batch size / windows.
    public var epochs: Double
    /// Training windows and the demonstrations they are cut from.
    public var windows: Int
    public var demonstrations: Int
    /// Mean training loss over the last steps before `steps`; nil where none was recorded.
    public var loss: Double?

    public init(
        policy: String, family: String, observations: String, seed: Int, steps: Int, epochs: Double, windows: Int,
        demonstrations: Int, loss: Double?
    ) {
        self.policy = policy
        self.family = family
        self.observations = observations
        self.seed = seed
        self.steps = steps
        self.epochs = epochs
        self.windows = windows
        self.demonstrations = demonstrations
        self.loss = loss
    }
}
