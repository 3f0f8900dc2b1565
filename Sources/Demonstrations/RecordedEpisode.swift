/// One episode as a recorder (a simulator) hands it to `RobomimicWriter`. Everything is row-major, one row per step.
public struct RecordedEpisode: Sendable {
    /// Low-dimensional observation: `values` is [N, width].
    public struct LowDim: Sendable {
        public var width: Int
        public var values: [Double]
        public init(width: Int, values: [Double]) {
            self.width = width
            self.values = values
        }
    }

    /// Camera images: `pixels` is [N, height, width, 3], upright RGB.
    public struct Camera: Sendable {
        public var height: Int
        public var width: Int
        public var pixels: [UInt8]
        public init(height: Int, width: Int, pixels: [UInt8]) {
            self.height = height
            self.width = width
            self.pixels = pixels
        }
    }

    public var length: Int
    public var actionDimension: Int
    public var actions: [Double]  // [N, A]
    public var stateDimension: Int
    public var states: [Double]  // [N, S]
    public var rewards: [Double]  // [N]
    public var dones: [Int64]  // [N]
    /// By robomimic key, for instance `robot0_eef_pos`.
    public var lowDim: [String: LowDim]
    /// By robomimic key, for instance `agentview_image`.
    public var cameras: [String: Camera]

    public init(
        length: Int, actionDimension: Int, actions: [Double], stateDimension: Int, states: [Double],
        rewards: [Double], dones: [Int64], lowDim: [String: LowDim], cameras: [String: Camera]
    ) {
        self.length = length
        self.actionDimension = actionDimension
        self.actions = actions
        self.stateDimension = stateDimension
        self.states = states
        self.rewards = rewards
        self.dones = dones
        self.lowDim = lowDim
        self.cameras = cameras
    }
}
