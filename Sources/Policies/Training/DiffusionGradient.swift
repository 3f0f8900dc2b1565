import Compute
import Networks

/// The inputs of one training step, everything that is random already drawn.
public struct DiffusionBatch: Sendable {
    public var images: [Float]  // [B, observation steps, cameras, S, S, 3] in [-1, 1]
    public var lowDim: [Float]  // [B, observation steps, L], normalised
    public var noisyActions: [Float]  // [B, T, A]
    public var timesteps: [Float]  // [B]
    public var noise: [Float]  // [B, T, A]

    public init(images: [Float], lowDim: [Float], noisyActions: [Float], timesteps: [Float], noise: [Float]) {
        self.images = images
        self.lowDim = lowDim
        self.noisyActions = noisyActions
        self.timesteps = timesteps
        self.noise = noise
    }

    /// Zeros of the sizes a batch of this configuration has.
    init(_ configuration: DiffusionNetworkConfiguration, batchSize: Int) {
        let c = configuration, steps = batchSize * c.observationSteps
        images = [Float](repeating: 0, count: steps * c.cameras.count * c.imageCount)
        lowDim = [Float](repeating: 0, count: steps * c.lowDimDimension)
        noisyActions = [Float](repeating: 0, count: batchSize * c.horizon * c.actionDimension)
        timesteps = [Float](repeating: 0, count: batchSize)
        noise = noisyActions
    }
}

/// Loss and gradient of a batch: ε-prediction error of the U-Net, through the encoders of every camera and step.
///
/// The batch is cut into a fixed number of lanes. A lane runs image after image through the encoders, each with its
/// own workspace, then the U-Net over the lane, then back; lane gradients are added in lane order.
public final class DiffusionGradient {
    private let network: DiffusionNetwork
    private let pool: WorkerPool
    private let batchSize: Int
    private let laneCount: Int
    private let encoders: [EncoderPlan]
    private let denoiser: DiffusionNetwork.DenoiserPlan
    private let laneGradients: [FloatBuffer]
    private let memories: [Memory]

    /// What one worker needs for a lane.
    private final class Memory: @unchecked Sendable {
        let encoders: [[Workspace]]  // [sample x step][camera]
        let encoderGradients: [FloatBuffer]  // by camera
        let denoiser: Workspace
        let denoiserGradients: FloatBuffer
        let scratch: FloatBuffer

        init(_ encoderPlans: [EncoderPlan], images: Int, _ denoiserPlan: Plan) {
            encoders = (0..<images).map { _ in encoderPlans.map { Workspace($0.plan) } }
            encoderGradients = encoderPlans.map { FloatBuffer(count: $0.plan.gradientCount) }
            denoiser = Workspace(denoiserPlan)
            denoiserGradients = FloatBuffer(count: denoiserPlan.gradientCount)
            scratch = FloatBuffer(count: (encoderPlans.map(\.plan) + [denoiserPlan]).map(\.scratchCount).max() ?? 0)
        }
    }

    public init(_ network: DiffusionNetwork, batchSize: Int, pool: WorkerPool) {
        self.network = network
        self.pool = pool
        self.batchSize = batchSize
        laneCount = Lanes.count(batchSize: batchSize)
        let c = network.configuration, laneSize = batchSize / laneCount
        encoders = c.cameras.indices.map(network.encoderPlan)
        denoiser = network.denoiserPlan(batch: laneSize, lossCount: batchSize * c.horizon * c.actionDimension)
        laneGradients = (0..<laneCount).map { [store = network.store] _ in store.makeBuffer() }
        memories = (0..<min(pool.workers, laneCount)).map { [encoders, denoiser] _ in
            Memory(encoders, images: laneSize * c.observationSteps, denoiser.plan)
        }
    }

    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(_ batch: DiffusionBatch, parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        let losses = FloatBuffer(count: laneCount)
        let (configuration, encoders, denoiser, memories) = (network.configuration, encoders, denoiser, memories)
        let (laneGradients, laneSize) = (laneGradients, batchSize / laneCount)
        pool.run(lanes: laneCount) { lane, worker in
            laneGradients[lane].fill(0)
            losses.pointer[lane] = Lane.run(
                batch, first: lane * laneSize, count: laneSize, configuration, encoders, denoiser,
                memories[worker], parameters, laneGradients[lane])
        }
        Gradients.reduce(laneGradients, pool: pool)
        return (losses.array.reduce(0, +), laneGradients[0])
    }

    private enum Lane {
        static func run(
            _ batch: DiffusionBatch, first: Int, count: Int, _ c: DiffusionNetworkConfiguration, _ encoders: [EncoderPlan],
            _ denoiser: DiffusionNetwork.DenoiserPlan, _ memory: Memory, _ parameters: FloatBuffer,
            _ gradients: FloatBuffer
        ) -> Float {
            let condition = memory.denoiser[denoiser.condition]
            let features = c.encoder.features, steps = c.observationSteps
            for row in 0..<count * steps {
                let target = condition.baseAddress.unsafelyUnwrapped + row * c.stepFeatures
                for (camera, encoder) in encoders.enumerated() {
                    let workspace = memory.encoders[row][camera]
                    let start = ((first * steps + row) * encoders.count + camera) * c.imageCount
                    copy(batch.images, from: start, to: workspace[encoder.image])
                    encoder.plan.forward(workspace, parameters: parameters, scratch: memory.scratch)
                    (target + camera * features).update(
                        from: workspace[encoder.features].baseAddress.unsafelyUnwrapped, count: features)
                }
                let lowDim = UnsafeMutableBufferPointer(
                    start: target + encoders.count * features, count: c.lowDimDimension)
                copy(batch.lowDim, from: (first * steps + row) * c.lowDimDimension, to: lowDim)
            }
            let chunk = c.horizon * c.actionDimension
            copy(batch.noisyActions, from: first * chunk, to: memory.denoiser[denoiser.sample])
            copy(batch.timesteps, from: first, to: memory.denoiser[denoiser.step])
            guard let target = denoiser.target, let loss = denoiser.loss else {
                preconditionFailure("the training plan of the U-Net has no loss")
            }
            copy(batch.noise, from: first * chunk, to: memory.denoiser[target])
            denoiser.plan.forward(memory.denoiser, parameters: parameters, scratch: memory.scratch)

            memory.denoiserGradients.fill(0)
            denoiser.plan.gradient(of: loss, in: memory.denoiserGradients).pointee = 1
            denoiser.plan.backward(
                memory.denoiser, gradients: memory.denoiserGradients, parameters: parameters,
                parameterGradients: gradients, scratch: memory.scratch)
            let conditionGradient = denoiser.plan.gradient(of: denoiser.condition, in: memory.denoiserGradients)
            for row in 0..<count * steps {
                for (camera, encoder) in encoders.enumerated() {
                    let slab = memory.encoderGradients[camera]
                    slab.fill(0)
                    encoder.plan.gradient(of: encoder.features, in: slab).update(
                        from: conditionGradient + row * c.stepFeatures + camera * features, count: features)
                    encoder.plan.backward(
                        memory.encoders[row][camera], gradients: slab, parameters: parameters,
                        parameterGradients: gradients, scratch: memory.scratch)
                }
            }
            return memory.denoiser[loss][0]
        }
    }
}

/// How a batch is cut into lanes: the largest of 4, 3, 2, 1 that divides it, whatever the number of workers.
enum Lanes {
    static func count(batchSize: Int) -> Int { [4, 3, 2].first { batchSize % $0 == 0 } ?? 1 }
}

/// Copies as many floats as `target` holds.
func copy(_ source: [Float], from start: Int, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(start + target.count <= source.count, "\(target.count) floats from \(start) of \(source.count)")
    source.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0[start..<start + target.count]) }
}
