import Images

/// A frame of a loaded `DemonstrationSet`, by position.
public struct FrameReference: Hashable, Sendable {
    public var demonstration: Int
    public var frame: Int
    public init(demonstration: Int, frame: Int) {
        self.demonstration = demonstration
        self.frame = frame
    }
}

/// What a policy sees at one query: the last observation steps, oldest first.
///
/// Images are as stored (uncropped uint8), low-dim values are raw (not normalised), so that every policy
/// applies its own preprocessing.
public struct Observation: Sendable {
    public var images: [[RGBImage]]  // [step][camera], in the set's camera order
    public var lowDim: [[Float]]  // [step][L], keys concatenated in the set's order
    /// Where the observation comes from; nil when nothing in the file corresponds to it.
    /// For an altered observation (an image replaced), the frame it was altered from.
    public var source: FrameReference?

    public init(images: [[RGBImage]], lowDim: [[Float]], source: FrameReference?) {
        self.images = images
        self.lowDim = lowDim
        self.source = source
    }
}
