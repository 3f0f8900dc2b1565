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

/// A camera of a dataset: its observation key (`agentview_image`) and the size of its frames in pixels.
public struct Camera: Sendable, Equatable {
    public let key: String
    public let height: Int
    public let width: Int
    public init(key: String, height: Int, width: Int) {
        self.key = key
        self.height = height
        self.width = width
    }

    /// Bytes of one frame, [H, W, 3].
    public var frameByteCount: Int { height * width * 3 }
}

/// A low-dimensional observation of a dataset: its key (`robot0_eef_pos`) and its number of values per step.
public struct LowDimKey: Sendable, Equatable {
    public let key: String
    public let width: Int
    public init(key: String, width: Int) {
        self.key = key
        self.width = width
    }
}

/// One demonstration without its images, row-major, one row per step.
public struct Episode: Sendable {
    /// Name of its group in the file, for instance `demo_3`.
    public let name: String
    /// Number of steps N: the rows of `actions`.
    public let length: Int
    public let actions: [Float]  // [N, A]
    /// All low-dim keys side by side, in the set's order, raw.
    public let lowDim: [Float]  // [N, L]
    /// The simulator's states; empty when the file has none, or keeps them as a group.
    public let states: [Float]  // [N, S]
    public init(name: String, length: Int, actions: [Float], lowDim: [Float], states: [Float] = []) {
        self.name = name
        self.length = length
        self.actions = actions
        self.lowDim = lowDim
        self.states = states
    }
}
