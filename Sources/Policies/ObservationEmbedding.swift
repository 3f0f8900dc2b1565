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

    public var dimension: Int { configuration.embedding }
    /// Multiplications and additions of one embedding.
    public var flops: Int { configuration.cameraCount * image.plan.flops + head.plan.flops }

    /// Bytes of parameters and activations of one embedding.
    public var memoryBytes: Int {
        weights.bytes + [image.plan, head.plan].reduce(0) { $0 + $1.slabCount + $1.scratchCount } * MemoryLayout<Float>.stride
    }

    /// Unit vectors [n, D] of the clean (unaugmented) images [n][camera], each resampled whole to the network's size.
    public func embed(_ images: [[RGBImage]]) -> [Float] {
        let result = FloatBuffer(count: images.count * dimension)
        let (image, head, weights, configuration) = (image, head, weights, configuration)
        let memories = (0..<pool.workers).map { _ in (EncoderMemory(image.plan), EncoderMemory(head.plan)) }
        let dimension = dimension
        pool.run(lanes: images.count) { lane, worker in
            let (encoder, projection) = memories[worker]
            for (camera, picture) in images[lane].enumerated() {
                picture.pixels.withUnsafeBufferPointer { pixels in
                    let target = encoder.workspace[image.image]
                    ImagePreprocessing.resample(
                        pixels, width: picture.width, height: picture.height,
                        region: .whole(width: picture.width, height: picture.height), size: configuration.imageSize,
                        to: target.baseAddress.unsafelyUnwrapped)
                    for i in target.indices { target[i] = 2 * target[i] - 1 }
                }
                image.plan.forward(encoder.workspace, weights, scratch: encoder.scratch)
                let features = configuration.encoder.features
                (projection.workspace[head.features].baseAddress.unsafelyUnwrapped + camera * features).update(
                    from: encoder.workspace[image.features].baseAddress.unsafelyUnwrapped, count: features)
            }
            head.plan.forward(projection.workspace, weights, scratch: projection.scratch)
            (result.pointer + lane * dimension).update(
                from: projection.workspace[head.embedding].baseAddress.unsafelyUnwrapped, count: dimension)
        }
        return result.array
    }
}
