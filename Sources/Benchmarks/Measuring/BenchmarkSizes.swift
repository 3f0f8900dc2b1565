import Basics
import Compute
import Foundation
import Images
import Networks

/// How large the benchmark's work is. The defaults are those of the PyTorch peer.
public struct BenchmarkSizes: Sendable, Equatable {
    /// Samples of a training step; pairs of a contrastive one.
    public var batch = 64
    /// Side of the square images the encoders see, pixels.
    public var imageSize = 76
    /// Side of the stored images before cropping, pixels.
    public var frameSize = 84
    public var channels = [16, 32, 64]
    public var downDims = [64, 128, 256]
    /// Levels of diffusion_policy's own U-Net.
    public var referenceDownDims = [512, 1024, 2048]
    /// Samples drawn of one observation in the row that draws many.
    public var querySamples = 64
    /// Rows of the lookup tables.
    public var tableRows = [10_000, 100_000, 1_000_000]
    /// Queries that the second of these tables is asked at once, in the row that asks many.
    public var tableQueries = 64
    /// Demonstrations of the file that is loaded.
    public var demonstrations = 60
    /// Steps of the embedded simulator; a tenth as many are drawn.
    public var tabletopSteps = 1000

    public init() {}

    /// The same networks on less data, for a first look.
    public static var quick: BenchmarkSizes {
        var sizes = BenchmarkSizes()
        sizes.tableRows = [10_000, 100_000]
        sizes.demonstrations = 8
        return sizes
    }

    /// Everything as small as it can be, for tests; the numbers mean nothing.
    public static var tiny: BenchmarkSizes {
        var sizes = BenchmarkSizes()
        sizes.batch = 4
        sizes.imageSize = 12
        sizes.frameSize = 14
        sizes.channels = [4, 8]
        sizes.downDims = [8, 16]
        sizes.referenceDownDims = [16, 16]
        sizes.querySamples = 3
        sizes.tableRows = [50, 300]
        sizes.tableQueries = 5
        sizes.demonstrations = 1
        sizes.tabletopSteps = 20
        return sizes
    }

    static let cameras = ["agentview_image", "robot0_eye_in_hand_image"]
    static let lowDimDimension = 9
    static let embedding = 128

    /// Two cameras, two observation steps, nine low-dim values, horizon 16, seven action values.
    func policyNetwork() -> DiffusionNetwork {
        DiffusionNetwork(
            DiffusionNetworkConfiguration(
                cameras: Self.cameras, imageSize: imageSize, lowDimDimension: Self.lowDimDimension, actionDimension: 7,
                horizon: 16, observationSteps: 2, encoder: .init { $0.channels = channels },
                unet: .init { $0.downDims = downDims }))
    }

    /// ACT on what `policyNetwork` sees.
    func actionChunkingNetwork() -> ActionChunkingNetwork {
        ActionChunkingNetwork(
            ActionChunkingConfiguration(
                cameras: Self.cameras, imageSize: imageSize, lowDimWidths: [Self.lowDimDimension], actionDimension: 7, horizon: 16,
                observationSteps: 2, encoder: .init { $0.channels = channels }))
    }

    /// The U-Net alone, under as many observation features as `policyNetwork` has.
    func unetNetwork(downDims: [Int]) -> DiffusionNetwork {
        let features = policyNetwork().configuration.stepFeatures
        return DiffusionNetwork(
            DiffusionNetworkConfiguration(
                cameras: [], imageSize: imageSize, lowDimDimension: features, actionDimension: 7,
                horizon: 16, observationSteps: 2, unet: .init { $0.downDims = downDims }))
    }

    func contrastiveNetwork() -> ContrastiveEncoder {
        ContrastiveEncoder(
            ContrastiveConfiguration(
                cameraCount: Self.cameras.count, imageSize: imageSize,
                encoder: .init {
                    $0.image.channels = channels
                    $0.embedding = Self.embedding
                }))
    }

    /// Floating-point operations of the first convolution on one image; its input needs no gradient.
    var stemFlops: Int {
        let kernel = 5, side = (imageSize + 2 * (kernel / 2) - kernel) / 2 + 1
        return 2 * side * side * kernel * kernel * 3 * channels[0]
    }
}

/// Inputs of the benchmark: numbers without structure, the same in every run.
enum RandomInputs {
    static func normal(_ count: Int, _ name: String) -> [Float] {
        var source = RandomSource(BenchmarkContext.seed / name)
        return (0..<count).map { _ in Float(source.normal()) }
    }

    static func uniform(_ count: Int, _ name: String, _ range: ClosedRange<Double> = -1...1) -> [Float] {
        var source = RandomSource(BenchmarkContext.seed / name)
        return (0..<count).map { _ in Float(source.uniform(range.lowerBound, range.upperBound)) }
    }

    static func image(side: Int, _ name: String) -> RGBImage {
        var source = RandomSource(BenchmarkContext.seed / name)
        return RGBImage(
            width: side, height: side, pixels: (0..<side * side * 3).map { _ in UInt8(truncatingIfNeeded: source.next()) })
    }

    /// Rows of unit length and random direction, [rows, width]; a row depends on its number alone.
    static func unitRows(_ rows: Int, width: Int, pool: WorkerPool) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows * width) { buffer, count in
            nonisolated(unsafe) let target = buffer
            pool.run(count: rows, grain: 4096) { range in
                for row in range {
                    var source = RandomSource(BenchmarkContext.seed / "rows" / row)
                    var sum = 0.0
                    for i in row * width..<(row + 1) * width {
                        let value = source.normal()
                        target[i] = Float(value)
                        sum += value * value
                    }
                    let scale = Float(1 / sum.squareRoot())
                    for i in row * width..<(row + 1) * width { target[i] *= scale }
                }
            }
            count = rows * width
        }
    }
}
