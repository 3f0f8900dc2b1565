import Basics
import Compute
import Images
import Networks

/// Embeds images with a trained `ContrastiveEncoder`: the hash of the Action Lookup Table.
public final class ObservationEmbedding: @unchecked Sendable {
    public let configuration: ContrastiveConfiguration
    public let parameterCount: Int
    private let image: EncoderPlan
    private let head: ContrastiveEncoder.HeadPlan
    private let weights: Weights
    let pool: WorkerPool

    public init(_ network: ContrastiveEncoder, parameters: FloatBuffer, pool: WorkerPool) {
        configuration = network.configuration
        parameterCount = network.store.count
        image = network.imagePlan(for: .inference)
        head = network.headPlan(batch: 1)
        weights = Weights(network.store, parameters: parameters, forTraining: false, pool: pool)
        self.pool = pool
    }

    public var dimension: Int { configuration.encoder.embedding }
    /// Multiplications and additions of one embedding.
    public var flops: Int { configuration.cameraCount * image.plan.flops + head.plan.flops }

    /// Bytes of parameters and activations of one embedding.
    public var memoryBytes: Int {
        weights.forwardBytes + [image.plan, head.plan].reduce(0) { $0 + $1.slabCount + $1.scratchCount } * MemoryLayout<Float>.stride
    }

    /// Unit vectors [n, D] of the clean (unaugmented) images [n][camera], each resampled whole to the network's size.
    public func embed(_ images: [[RGBImage]]) -> [Float] {
        let (head, weights, c, dimension) = (head, weights, configuration, dimension)
        let features = encode(images), result = FloatBuffer(count: images.count * dimension)
        let headRunners = LaneRunners(head.plan, pool: pool)
        pool.run(lanes: images.count) { row, worker in
            let run = headRunners[worker: worker]
            run[head.features].copy(from: features[row * c.features..<(row + 1) * c.features])
            run.forward(weights)
            result[row * dimension..<(row + 1) * dimension].copy(from: run[head.embedding])
        }
        return result.array
    }

    /// What the head is given, [n, cameras x F], scaled to unit length.
    public func features(_ images: [[RGBImage]]) -> [Float] {
        let width = configuration.features
        var features = encode(images).array
        for row in images.indices {
            let range = row * width..<(row + 1) * width
            let length = features[range].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { continue }
            for i in range { features[i] /= length }
        }
        return features
    }

    /// Camera features, [n, cameras x F].
    private func encode(_ images: [[RGBImage]]) -> FloatBuffer {
        let (image, weights, c) = (image, weights, configuration)
        let cameras = c.cameraCount, width = c.encoder.image.features
        let features = FloatBuffer(count: images.count * c.features)
        let imageRunners = LaneRunners(image.plan, pool: pool)
        pool.run(lanes: images.count * cameras) { lane, worker in
            let run = imageRunners[worker: worker], picture = images[lane / cameras][lane % cameras]
            picture.pixels.withUnsafeBufferPointer { pixels in
                run[image.image].withUnsafeMutableBufferPointer { target in
                    ImagePreprocessing.resample(
                        pixels, width: picture.width, height: picture.height,
                        region: .whole(width: picture.width, height: picture.height), size: c.imageSize, to: target)
                    for i in target.indices { target[i] = 2 * target[i] - 1 }
                }
            }
            run.forward(weights)
            features[lane * width..<(lane + 1) * width].copy(from: run[image.features])
        }
        return features
    }
}
