/// Something a study measured for one of the probes, whose folder holds the type.
public protocol Measurement: Sendable {}

/// What a study measured besides the action sequences its policies generated. What was not measured is empty, and the
/// probes that need it say so or leave the rows out.
public struct Measurements: Sendable {
    public var records: [PolicyRecord] = []
    /// The first is the one that probes use where they need just one.
    public var spaces: [ObservationSpace] = []
    private var others: [ObjectIdentifier: any Sendable] = [:]

    public init() {}

    /// What a probe that has these needs is given: all others must declare theirs.
    public func limited(to needs: Set<Need>) -> Measurements {
        var limited = self
        if !needs.contains(.spaces) { limited.spaces = [] }
        return limited
    }

    public subscript<Kind: Measurement>(kind: Kind.Type) -> [Kind] {
        get { others[ObjectIdentifier(kind)] as? [Kind] ?? [] }
        set { others[ObjectIdentifier(kind)] = newValue }
    }
}

/// How a trained policy came to be: what must stand beside every verdict about it.
public struct PolicyRecord: Sendable, Equatable {
    public var policy: PolicyID
    /// Policies that differ only in training seed, steps or number of demonstrations share a family: `diffusion_ddim`.
    public var family: String
    /// What it sees: `images` or `low-dim`.
    public var observations: String
    public var seed: Int
    /// Optimizer steps taken.
    public var steps: Int
    /// Steps x batch size / windows; nil where nobody knows the batch size.
    public var epochs: Double?
    /// Training windows and the demonstrations they are cut from.
    public var windows: Int
    public var demonstrations: Int
    /// Mean training loss over the last steps before `steps`; nil where none was recorded.
    public var loss: Double?

    public init(
        policy: PolicyID, family: String, observations: String, seed: Int, steps: Int, epochs: Double?, windows: Int,
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

extension PolicyRecord {
    /// The same training but for the seed.
    func isRepeat(of other: PolicyRecord) -> Bool {
        isSameData(as: other) && steps == other.steps
    }

    /// The same family on as many demonstrations.
    func isSameData(as other: PolicyRecord) -> Bool {
        family == other.family && observations == other.observations && demonstrations == other.demonstrations
    }
}
