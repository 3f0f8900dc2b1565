import Demonstrations
import Images
import Probes
import Synchronization

/// How far a condition is from the training data, the further the later. The order is that of the rows in every result.
enum Rung: Int, Comparable, Sendable {
    /// Frames that were trained on.
    case trained
    /// Frames of demonstrations that were not.
    case heldOut
    /// Held-out frames with something changed in the picture.
    case altered
    /// Another task before the same cameras.
    case otherTask
    /// Pictures of something else: textures, photographs, the user's own.
    case pictures
    case drawnAnimals
    case noise
    case blank
    case shuffledPixels
    /// Contradicts itself rather than being far away.
    case contradictory

    static func < (first: Rung, second: Rung) -> Bool { first.rawValue < second.rawValue }

    init(_ kind: OutOfDistributionImages.Kind) {
        self =
            switch kind {
            case .texture: .pictures
            case .cat, .dog: .drawnAnimals
            case .noise: .noise
            case .blank: .blank
            }
    }
}

extension Condition {
    init(_ kind: OutOfDistributionImages.Kind) {
        self =
            switch kind {
            case .texture: Condition("texture")
            case .cat: .cat
            case .dog: .dog
            case .noise: Condition("noise")
            case .blank: .blank
            }
    }
}

/// Observations of one kind that every policy is asked about: what a condition makes of some frames of the data.
struct QueryCondition: Sendable {
    let condition: Condition
    let rung: Rung
    /// The frame each observation is or was altered from.
    let frames: [FrameReference]
    /// The independent unit of each observation, for the bootstrap.
    let cluster: [Int]
    let unit: String
    /// Whether the true action sequence of the frame is the right answer.
    let hasTruth: Bool
    /// Sequences drawn from each policy per observation; nil for `probes.samples`.
    var samples: Int?
    /// Whether the observations of one unit are asked with the same draws, so that answers differ by what is observed alone.
    var sharesDraws = false
    /// As the low-dim policies observe it; nil for frames of the data.
    var observeState: (@Sendable (_ index: Int, _ frame: FrameReference) -> Observation)?
    private let earlierFrames: [FrameReference]
    private let observe: @Sendable (_ index: Int, _ frame: FrameReference) -> Observation
    private let rendered: Once<[Observation]>

    /// - Parameters:
    ///   - steps: How much earlier `earlier` is.
    ///   - observe: What observation number `index` is when it is made from this frame; foreign pictures are the same for
    ///     every frame, so that they stand still while the arm moves.
    init(
        _ condition: Condition, _ rung: Rung, frames: [FrameReference], cluster: [Int], unit: String, hasTruth: Bool = false,
        steps: Int, _ observe: @escaping @Sendable (_ index: Int, _ frame: FrameReference) -> Observation
    ) {
        precondition(cluster.count == frames.count, "\(cluster.count) clusters for \(frames.count) frames")
        self.condition = condition
        self.rung = rung
        self.frames = frames
        self.cluster = cluster
        self.unit = unit
        self.hasTruth = hasTruth
        self.observe = observe
        rendered = Once { frames.enumerated().map { observe($0, $1) } }
        earlierFrames = frames.map { FrameReference(demonstration: $0.demonstration, frame: max(0, $0.frame - steps)) }
    }

    /// One for each frame, rendered at their first use.
    var observations: [Observation] { rendered.value }

    /// The same observations made from the frames `executed_steps` earlier (the first frame where there is none).
    var earlier: [Observation] { earlierFrames.enumerated().map { observe($0, $1) } }
}

/// A value that is made at its first use and kept.
final class Once<Value: Sendable>: Sendable {
    private let make: @Sendable () -> Value
    private let made = Mutex<Value?>(nil)

    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    var value: Value {
        made.withLock { made in
            if let made { return made }
            let value = make()
            made = value
            return value
        }
    }
}
