import Basics
import Compute
import Images
import Networks

/// Embeds images with a trained `ContrastiveEncoder`: the hash of the Action Lookup Table.
public final class ObservationEmbedding: @unchecked Sendable {
    public let configuration: ContrastiveConfiguration
    public let parameterCount: Int
    private let cameras: CameraFeatures
    private let head: ContrastiveEncoder.HeadPlan
    private let weights: Weights
    let pool: WorkerPool

    public init(_ network: ContrastiveEncoder, parameters: FloatBuffer, pool: WorkerPool) {
        configuration = network.configuration
        parameterCount = network.store.count
        weights = Weights(network.store, parameters: parameters, forTraining: false, pool: pool)
        cameras = CameraFeatures(
            network.imagePlan(for: .inference), weights, cameraCount: network.configuration.cameraCount,
            imageSize: network.configuration.imageSize, pool: pool)
        head = network.headPlan(batch: 1)
        self.pool = pool
    }

    public var dimension: Int { configuration.encoder.embedding }
    /// Multiplications and additions of one embedding.
    public var flops: Int { cameras.flops + head.plan.flops }
    /// Those that the kernels carry out.
    public var executedFlops: Int { cameras.executedFlops + head.plan.executedFlops }
    /// Bytes of parameters and activations of one embedding.
    public var memoryBytes: Int {
        cameras.memoryBytes + (head.plan.slabCount + head.plan.scratchCount) * MemoryLayout<Float>.stride
    }

    /// Unit vectors [n, D] of the clean (unaugmented) images [n][camera], each resampled whole to the network's size.
    public func embed(_ images: [[RGBImage]]) -> [Float] {
        let (head, weights, c, dimension) = (head, weights, configuration, dimension)
        let features = cameras.encode(images), result = FloatBuffer(count: images.count * dimension)
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
    public func features(_ images: [[RGBImage]]) -> [Float] { cameras.units(images) }
}
