/// What is known of a study's demonstrations before anything is trained: enough for a probe to say that it will not be able
/// to answer.
public struct DataSummary: Sendable, Equatable {
    /// One part of the split.
    public struct Part: Sendable, Equatable {
        /// Those that are long enough for a window.
        public var demonstrations: Int
        public var windows: Int

        public init(demonstrations: Int, windows: Int) {
            self.demonstrations = demonstrations
            self.windows = windows
        }
    }

    public var train, reference, query: Part
    /// Held-out observations that every policy is asked about.
    public var heldoutObservations: Int
    /// Of all demonstrations together.
    public var steps: Int
    public var horizon: Int
    public var actionDimension: Int
    /// Whether the median D12 is 0: more than half of the training sequences are found in another demonstration too.
    public var areSequencesRepeated: Bool
    /// Whether every training step has the same action.
    public var areActionsConstant: Bool
    /// Whether every training step has the same images and low-dim values.
    public var areObservationsConstant: Bool

    public init(
        train: Part, reference: Part, query: Part, heldoutObservations: Int, steps: Int, horizon: Int, actionDimension: Int,
        areSequencesRepeated: Bool = false, areActionsConstant: Bool = false, areObservationsConstant: Bool = false
    ) {
        self.train = train
        self.reference = reference
        self.query = query
        self.heldoutObservations = heldoutObservations
        self.steps = steps
        self.horizon = horizon
        self.actionDimension = actionDimension
        self.areSequencesRepeated = areSequencesRepeated
        self.areActionsConstant = areActionsConstant
        self.areObservationsConstant = areObservationsConstant
    }
}

/// The reasons that several probes share.
extension DataSummary {
    /// Distances are given in median D12s, which must not be 0.
    static let noUnit =
        "more than half of the training sequences are the same in another demonstration, so that the median D12, the unit of distance, is 0"

    var reasonWithoutUnit: String? { areSequencesRepeated ? Self.noUnit : nil }

    /// Why the DCR share, whose null is one half, cannot be measured.
    var reasonWithoutEqualSplits: String? {
        guard train.demonstrations != reference.demonstrations else { return nil }
        return """
            \(train.demonstrations) training and \(reference.demonstrations) reference demonstrations are long enough for a window, \
            and the null of the DCR share is one half only for as many
            """
    }

    /// Bytes that the distances of the held-out observations to all training windows may take in all spaces together.
    static let mostDistanceBytes = 8 << 30
    /// Distances and what is made of them, in five spaces.
    private static let bytesPerDistance = 2 * 5 * MemoryLayout<Float>.stride

    /// Why the distances of every held-out observation to every training window cannot be kept.
    var reasonWithoutDistances: String? {
        let (pairs, overflow) = heldoutObservations.multipliedReportingOverflow(by: train.windows)
        guard overflow || pairs > Self.mostDistanceBytes / Self.bytesPerDistance else { return nil }
        return """
            distances of \(heldoutObservations) held-out observations to \(train.windows) training windows take more than \
            \(Self.mostDistanceBytes >> 30) GiB; lower probes.frames_per_demonstration
            """
    }
}
