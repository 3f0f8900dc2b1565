import Demonstrations

/// Observations of one kind that every policy is asked about: what a condition makes of some frames of the data.
struct QueryCondition: Sendable {
    let name: String
    let observations: [Observation]
    /// The frame each observation is or was altered from.
    let frames: [FrameReference]
    /// The independent unit of each observation, for the bootstrap.
    let cluster: [Int]
    let unit: String
    /// Whether the true action sequence of the frame is the right answer.
    let hasTruth: Bool
    private let earlierFrames: [FrameReference]
    private let observe: @Sendable (_ index: Int, _ frame: FrameReference) -> Observation

    /// - Parameters:
    ///   - steps: How much earlier `earlier` is.
    ///   - observe: What observation number `index` is when it is made from this frame; foreign pictures are the same for
    ///     every frame, so that they stand still while the arm moves.
    init(
        _ name: String, frames: [FrameReference], cluster: [Int], unit: String, hasTruth: Bool = false, steps: Int,
        _ observe: @escaping @Sendable (_ index: Int, _ frame: FrameReference) -> Observation
    ) {
        precondition(cluster.count == frames.count, "\(cluster.count) clusters for \(frames.count) frames")
        self.name = name
        self.frames = frames
        self.cluster = cluster
        self.unit = unit
        self.hasTruth = hasTruth
        self.observe = observe
        observations = frames.enumerated().map { observe($0, $1) }
        earlierFrames = frames.map { FrameReference(demonstration: $0.demonstration, frame: max(0, $0.frame - steps)) }
    }

    /// The same observations made from the frames `executed_steps` earlier (the first frame where there is none).
    var earlier: [Observation] { earlierFrames.enumerated().map { observe($0, $1) } }

    /// See `QueryConditions.ladder`.
    var level: Int { QueryConditions.level(name) }
}
