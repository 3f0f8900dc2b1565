import Compute
import Images
import Networks

/// Embeds images with a trained `ContrastiveEncoder`: the hash of the Action Lookup Table.
public final class ObservationEmbedding: @unchecked Sendable {
    public let configuration: ContrastiveConfiguration
    private let image: EncoderPlan
    private let head: ContrastiveEncoder.HeadPlan
    private let weights: Weights
    let pool: WorkerPool

    public init(_ network: ContrastiveEncoder, parameters: FloatBuffer, pool: WorkerPool) {
        configuration = network.configuration
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
        let (image, head, weights, c) = (image, head, weights, configuration)
        let cameras = c.cameraCount, width = c.encoder.image.features, dimension = dimension
        let features = FloatBuffer(count: images.count * c.features), result = FloatBuffer(count: images.count * dimension)
        let memories = (0..<pool.workers).map { _ in (EncoderMemory(image.plan), EncoderMemory(head.plan)) }
        pool.run(lanes: images.count * cameras) { lane, worker in
            let memory = memories[worker].0, picture = images[lane / cameras][lane % cameras]
            let target = memory.workspace[image.image]
            picture.pixels.withUnsafeBufferPointer { pixels in
                ImagePreprocessing.resample(
                    pixels, width: picture.width, height: picture.height,
                    region: .whole(width: picture.width, height: picture.height), size: c.imageSize,
                    to: target.baseAddress.unsafelyUnwrapped)
            }
            for i in target.indices { target[i] = 2 * target[i] - 1 }
            image.plan.forward(memory.workspace, weights, scratch: memory.scratch)
            (features.pointer + lane * width).update(
                from: memory.workspace[image.features].baseAddress.unsafelyUnwrapped, count: width)
        }
        pool.run(lanes: images.count) { row, worker in
            let memory = memories[worker].1
            memory.workspace[head.features].baseAddress.unsafelyUnwrapped.update(
                from: features.pointer + row * c.features, count: c.features)
            head.plan.forward(memory.workspace, weights, scratch: memory.scratch)
            (result.pointer + row * dimension).update(
                from: memory.workspace[head.embedding].baseAddress.unsafelyUnwrapped, count: dimension)
        }
        return result.array
    }
}
