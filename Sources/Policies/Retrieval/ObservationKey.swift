import Basics
import Compute
import Demonstrations
import Images

/// What a lookup compares observations by: a row of numbers for each.
public protocol ObservationKey: Sendable {
    /// Numbers of a row.
    var width: Int { get }
    /// Whether rows are unit vectors, compared by their cosine; else by Euclidean distance.
    var isUnit: Bool { get }
    /// [observations, width]
    func rows(of observations: [Observation]) -> [Float]
    /// Bytes of parameters and activations of one row, parameters, and multiplications and additions.
    var memoryBytes: Int { get }
    var parameterCount: Int { get }
    var flops: Int { get }
}

extension ObservationKey {
    /// The rows of training windows, [windows, width], a few hundred observations in memory at a time.
    public func rows(of windows: [Window], in set: DemonstrationSet, layout: WindowLayout) -> [Float] {
        stride(from: 0, to: windows.count, by: 256).flatMap { start in
            rows(of: windows[start..<min(start + 256, windows.count)].map { layout.observation(of: $0, in: set) })
        }
    }
}

/// The images of the last step through a contrastive encoder, a unit vector.
public struct EmbeddingKey: ObservationKey {
    /// Where the network is left.
    public enum Depth: Sendable {
        /// After the projection head, where it was trained to tell frames apart.
        case head
        /// Before the head: what transfers better (Chen et al. 2020, section 4.2).
        case features
    }

    private let embedding: ObservationEmbedding
    private let depth: Depth

    public init(_ embedding: ObservationEmbedding, _ depth: Depth = .head) {
        self.embedding = embedding
        self.depth = depth
    }

    public var isUnit: Bool { true }
    public var width: Int { depth == .head ? embedding.dimension : embedding.configuration.features }
    public var memoryBytes: Int { embedding.memoryBytes }
    public var parameterCount: Int { embedding.parameterCount }
    public var flops: Int { embedding.flops }

    public func rows(of observations: [Observation]) -> [Float] {
        let images = observations.map { $0.images[$0.images.count - 1] }
        return depth == .head ? embedding.embed(images) : embedding.features(images)
    }
}

/// The images of the last step through an encoder that nothing follows, scaled to a unit vector.
public struct FeatureKey: ObservationKey {
    private let features: CameraFeatures

    public init(_ features: CameraFeatures) { self.features = features }

    public var isUnit: Bool { true }
    public var width: Int { features.count }
    public var memoryBytes: Int { features.memoryBytes }
    public var parameterCount: Int { features.parameterCount }
    public var flops: Int { features.flops }

    public func rows(of observations: [Observation]) -> [Float] {
        features.units(observations.map { $0.images[$0.images.count - 1] })
    }
}

/// The normalised low-dim values of the last step: the arm's pose, and the object where the policy is shown it.
public struct PoseKey: ObservationKey {
    private let normalizer: Normalizer
    public let width: Int

    public init(_ normalizer: Normalizer) {
        self.normalizer = normalizer
        width = normalizer.lowDimScale.count
    }

    public var isUnit: Bool { false }
    public var memoryBytes: Int { 2 * width * MemoryLayout<Float>.stride }
    public var parameterCount: Int { 0 }
    public var flops: Int { 2 * width }

    public func rows(of observations: [Observation]) -> [Float] {
        observations.flatMap { normalizer.normalizeLowDim($0.lowDim[$0.lowDim.count - 1]) }
    }
}

/// What a diffusion policy's encoders make of an observation: the whole global condition.
public struct ConditionKey: ObservationKey {
    private let policy: DiffusionPolicy

    public init(_ policy: DiffusionPolicy) { self.policy = policy }

    public var isUnit: Bool { false }
    public var width: Int { policy.configuration.condition }
    public var memoryBytes: Int { policy.memoryBytes }
    public var parameterCount: Int { policy.parameterCount }
    public var flops: Int { policy.encoderFlops }

    public func rows(of observations: [Observation]) -> [Float] { policy.encode(observations).array }
}

/// Two keys side by side, each in units of how far apart its own training rows are, so that neither drowns the other.
public struct JoinedKey: ObservationKey {
    private let first, second: any ObservationKey
    /// One over the `NeighbourSpacing` of each key's training rows.
    public let scales: (Float, Float)

    public init(_ first: any ObservationKey, _ second: any ObservationKey, scales: (Float, Float)) {
        self.first = first
        self.second = second
        self.scales = scales
    }

    /// - Parameters:
    ///   - windows: of the training demonstrations; they set the scales.
    public init(
        _ first: any ObservationKey, _ second: any ObservationKey, windows: [Window], in set: DemonstrationSet, layout: WindowLayout
    ) {
        let demonstration = windows.map(\.demonstration)
        func scale(_ key: any ObservationKey) -> Float {
            let rows = key.rows(of: windows, in: set, layout: layout), width = key.width
            let nearest = NeighbourSpacing.asked(of: windows.count).map { row in
                NeighbourSpacing.nearest(
                    row, demonstration: demonstration,
                    distances: windows.indices.map { Double(rowDistance(rows, row, rows, $0, width: width)) })
            }
            let spacing = NeighbourSpacing.median(nearest) ?? 1
            return spacing > 0 ? Float(1 / spacing) : 1
        }
        self.init(first, second, scales: (scale(first), scale(second)))
    }

    public var isUnit: Bool { false }
    public var width: Int { first.width + second.width }
    public var memoryBytes: Int { first.memoryBytes + second.memoryBytes }
    public var parameterCount: Int { first.parameterCount + second.parameterCount }
    public var flops: Int { first.flops + second.flops + 2 * width }

    public func rows(of observations: [Observation]) -> [Float] {
        let (a, b) = (first.rows(of: observations), second.rows(of: observations))
        var joined: [Float] = []
        joined.reserveCapacity(observations.count * width)
        for row in observations.indices {
            for value in a[row * first.width..<(row + 1) * first.width] { joined.append(value * scales.0) }
            for value in b[row * second.width..<(row + 1) * second.width] { joined.append(value * scales.1) }
        }
        return joined
    }
}

/// Euclidean distance of row `i` of one table and row `j` of another.
func rowDistance(_ a: [Float], _ i: Int, _ b: [Float], _ j: Int, width: Int) -> Float {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            var sum: Float = 0
            for column in 0..<width {
                let difference = a[i * width + column] - b[j * width + column]
                sum += difference * difference
            }
            return sum.squareRoot()
        }
    }
}
