import Images

/// All chosen demonstrations, decoded once; the images lie in one uint8 cache. Immutable after loading.
public final class DemonstrationSet: Sendable {
    /// The file it was read from.
    public let path: String
    public let cameras: [Camera]
    public let lowDimKeys: [LowDimKey]
    /// Number A of values of one action.
    public let actionDimension: Int
    public let episodes: [Episode]
    /// The file's `env_args` (JSON), as stored; nil when it has none.
    public let environment: String?
    /// Number L of low-dim values of one step.
    public let lowDimDimension: Int
    /// Number of steps of all episodes together.
    public let totalFrames: Int

    /// One block per camera, in order; in it the frames of episode 0, episode 1 and so on, each [H, W, 3].
    private let pixels: [UInt8]
    private let blockStart: [Int]  // [camera], in bytes
    private let firstFrame: [Int]  // [episode], in frames

    /// A set from data in memory. `pixels` holds one block per camera, in order; a block holds the frames of
    /// episode 0, episode 1 and so on, each [H, W, 3].
    public init(
        path: String, cameras: [Camera], lowDimKeys: [LowDimKey], actionDimension: Int, episodes: [Episode],
        environment: String?, pixels: [UInt8]
    ) {
        let lowDimDimension = lowDimKeys.reduce(0) { $0 + $1.width }
        for episode in episodes {
            precondition(
                episode.actions.count == episode.length * actionDimension,
                "\(episode.name): \(episode.actions.count) action values for \(episode.length) x \(actionDimension)")
            precondition(
                episode.lowDim.count == episode.length * lowDimDimension,
                "\(episode.name): \(episode.lowDim.count) low-dim values for \(episode.length) x \(lowDimDimension)")
        }
        self.path = path
        self.cameras = cameras
        self.lowDimKeys = lowDimKeys
        self.actionDimension = actionDimension
        self.episodes = episodes
        self.environment = environment
        self.lowDimDimension = lowDimDimension
        self.pixels = pixels
        firstFrame = Self.starts(episodes.map(\.length))
        let frames = episodes.reduce(0) { $0 + $1.length }
        totalFrames = frames
        blockStart = Self.starts(cameras.map { $0.frameByteCount * frames })
        let expected = cameras.reduce(0) { $0 + $1.frameByteCount * frames }
        precondition(pixels.count == expected, "\(pixels.count) bytes of pixels where the shapes need \(expected)")
    }

    /// The demonstrations of both, this set's first.
    /// - Parameters:
    ///   - other: of the same keys and shapes
    ///   - prefix: before the names of the other's demonstrations
    public func joined(with other: DemonstrationSet, prefix: String) -> DemonstrationSet {
        precondition(
            cameras == other.cameras && lowDimKeys == other.lowDimKeys && actionDimension == other.actionDimension,
            "\(path) and \(other.path) observe other keys")
        func block(_ set: DemonstrationSet, _ camera: Int) -> ArraySlice<UInt8> {
            set.pixels[set.blockStart[camera]..<set.blockStart[camera] + set.cameras[camera].frameByteCount * set.totalFrames]
        }
        return DemonstrationSet(
            path: path, cameras: cameras, lowDimKeys: lowDimKeys, actionDimension: actionDimension,
            episodes: episodes + other.episodes.map {
                Episode(name: prefix + $0.name, length: $0.length, actions: $0.actions, lowDim: $0.lowDim, states: $0.states)
            },
            environment: environment, pixels: cameras.indices.reduce(into: []) { pixels, camera in
                pixels += block(self, camera)
                pixels += block(other, camera)
            })
    }

    /// A copy of one frame. Prefer `withPixels` where no copy is needed.
    public func image(_ reference: FrameReference, camera: Int) -> RGBImage {
        RGBImage(
            width: cameras[camera].width, height: cameras[camera].height,
            pixels: withPixels(reference, camera: camera) { Array($0) })
    }

    /// Runs `body` on one frame's pixels, [H, W, 3], in the cache; the pointer must not leave it.
    public func withPixels<R>(
        _ reference: FrameReference, camera: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> R
    ) rethrows -> R {
        checkFrame(reference)
        let byteCount = cameras[camera].frameByteCount
        let start = blockStart[camera] + (firstFrame[reference.demonstration] + reference.frame) * byteCount
        return try pixels.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[start..<start + byteCount])) }
    }

    /// The last `steps` frames ending at `reference`, oldest first; frames before the first repeat the first.
    public func observation(_ reference: FrameReference, steps: Int) -> Observation {
        precondition(steps > 0, "an observation of \(steps) steps; at least 1 is needed")
        checkFrame(reference)
        let frames = (0..<steps).map { step in
            FrameReference(demonstration: reference.demonstration, frame: max(0, reference.frame - (steps - 1) + step))
        }
        return Observation(
            images: frames.map { frame in cameras.indices.map { image(frame, camera: $0) } },
            lowDim: frames.map { Array(lowDim($0)) }, source: reference)
    }

    /// The raw low-dim values of one frame, [L].
    public func lowDim(_ reference: FrameReference) -> ArraySlice<Float> {
        checkFrame(reference)
        return episodes[reference.demonstration].lowDim[
            reference.frame * lowDimDimension..<(reference.frame + 1) * lowDimDimension]
    }

    private func checkFrame(_ reference: FrameReference) {
        let length = episodes[reference.demonstration].length
        precondition(
            (0..<length).contains(reference.frame),
            "frame \(reference.frame) of demonstration \(reference.demonstration), which has \(length)")
    }

    private static func starts(_ lengths: [Int]) -> [Int] {
        var next = 0
        return lengths.map { length in
            defer { next += length }
            return next
        }
    }
}

/// Which part of a robomimic file to load.
public struct DatasetSelection: Sendable {
    public var path: String
    /// Observation keys of the cameras. Nil: every key of 8-bit RGB images. Empty: low-dim only.
    public var cameras: [String]?
    /// Low-dim observation keys, possibly paths into nested groups (`policy/eef_pos`). Nil: for every arm
    /// `robot<n>_eef_pos`, `_eef_quat` and `_gripper_qpos` where present; every low-dim key where there is none.
    public var lowDimKeys: [String]?
    /// Name of a mask; only the demonstrations it lists are loaded.
    public var filterKey: String?
    /// Only the first so many demonstrations, in natural order (`demo_10` after `demo_9`), after the filter.
    public var limit: Int?

    public init(
        path: String, cameras: [String]? = nil, lowDimKeys: [String]? = nil, filterKey: String? = nil,
        limit: Int? = nil
    ) {
        self.path = path
        self.cameras = cameras
        self.lowDimKeys = lowDimKeys
        self.filterKey = filterKey
        self.limit = limit
    }
}

/// A frame of a loaded `DemonstrationSet`, by position.
public struct FrameReference: Hashable, Sendable {
    public var demonstration: Int
    public var frame: Int
    public init(demonstration: Int, frame: Int) {
        self.demonstration = demonstration
        self.frame = frame
    }
}
