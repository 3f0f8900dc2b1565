import Basics
import Compute
import Images
import Networks

/// What an image encoder that all cameras share makes of their images.
public final class CameraFeatures: @unchecked Sendable {
    private let image: EncoderPlan
    private let cameraCount: Int
    private let imageSize: Int
    private let weights: Weights
    private let pool: WorkerPool

    public convenience init(_ encoder: SharedEncoder, parameters: FloatBuffer, pool: WorkerPool) {
        let c = encoder.configuration, weights = Weights(encoder.store, parameters: parameters, forTraining: false, pool: pool)
        self.init(encoder.plan(for: .inference), weights, cameraCount: c.cameraCount, imageSize: c.imageSize, pool: pool)
    }

    /// - Parameter weights: of the encoder, perhaps among others
    init(_ image: EncoderPlan, _ weights: Weights, cameraCount: Int, imageSize: Int, pool: WorkerPool) {
        self.image = image
        self.cameraCount = cameraCount
        self.imageSize = imageSize
        self.weights = weights
        self.pool = pool
    }

    /// Features of one camera, F.
    private var width: Int { image.features.shape.count }
    /// Features of all cameras side by side.
    public var count: Int { cameraCount * width }
    public var parameterCount: Int { weights.parameters.count }
    /// Multiplications and additions for the images of one observation.
    public var flops: Int { cameraCount * image.plan.flops }
    /// Those that the kernels carry out.
    public var executedFlops: Int { cameraCount * image.plan.executedFlops }
    /// Bytes of parameters and activations.
    public var memoryBytes: Int {
        weights.forwardBytes + (image.plan.slabCount + image.plan.scratchCount) * MemoryLayout<Float>.stride
    }

    /// Features [n, cameras x F] of the clean (unaugmented) images [n][camera], each resampled whole to the network's size.
    func encode(_ images: [[RGBImage]]) -> FloatBuffer {
        let (image, weights, cameras, width, size) = (image, weights, cameraCount, width, imageSize)
        let features = FloatBuffer(count: images.count * count)
        let imageRunners = LaneRunners(image.plan, pool: pool)
        pool.run(lanes: images.count * cameras) { lane, worker in
            let run = imageRunners[worker: worker], picture = images[lane / cameras][lane % cameras]
            picture.pixels.withUnsafeBufferPointer { pixels in
                run[image.image].withUnsafeMutableBufferPointer { target in
                    ImagePreprocessing.resample(
                        pixels, width: picture.width, height: picture.height,
                        region: .whole(width: picture.width, height: picture.height), size: size, to: target)
                    for i in target.indices { target[i] = 2 * target[i] - 1 }
                }
            }
            run.forward(weights)
            features[lane * width..<(lane + 1) * width].copy(from: run[image.features])
        }
        return features
    }

    /// The same, scaled to unit length.
    public func units(_ images: [[RGBImage]]) -> [Float] {
        let width = count
        var features = encode(images).array
        for row in images.indices {
            let range = row * width..<(row + 1) * width
            let length = features[range].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { continue }
            for i in range { features[i] /= length }
        }
        return features
    }
}
