import Basics
import Compute
import Networks

/// The inputs of one training step, everything that is random already drawn.
public struct DiffusionBatch: Sendable {
    public var images: [Float]  // [B, observation steps, cameras, H, W, 3] in [-1, 1]
    public var lowDim: [Float]  // [B, observation steps, L], normalised
    public var noisyActions: [Float]  // [B, T, A]
    public var timesteps: [Float]  // [B]
    /// What the network is to answer: its process's target, or the clean actions of a regression.
    public var target: [Float]  // [B, T, A]

    public init(images: [Float], lowDim: [Float], noisyActions: [Float], timesteps: [Float], target: [Float]) {
        self.images = images
        self.lowDim = lowDim
        self.noisyActions = noisyActions
        self.timesteps = timesteps
        self.target = target
    }

    /// Zeros of the sizes a batch of this configuration has.
    init(_ configuration: DiffusionNetworkConfiguration, batchSize: Int) {
        let c = configuration, steps = batchSize * c.observationSteps
        images = [Float](repeating: 0, count: steps * c.cameras.count * c.imageCount)
        lowDim = [Float](repeating: 0, count: steps * c.lowDimDimension)
        noisyActions = [Float](repeating: 0, count: batchSize * c.horizon * c.actionDimension)
        timesteps = [Float](repeating: 0, count: batchSize)
        target = noisyActions
    }
}

/// Loss and gradient of a batch: how far the answer of the U-Net, or of another trunk, is from its target, through the encoders of
/// every camera and step.
///
/// Encoders run image after image, see `EncoderBatch`; the U-Net runs once over the whole batch, all workers together,
/// so that its weights and their gradients pass through memory once.
public final class DiffusionGradient {
    private let network: any SequenceNetwork
    private let pool: WorkerPool
    private let batchSize: Int
    private let encoders: EncoderBatch
    private let unet: DiffusionNetwork.TrainingPlan
    private let unetRun: PlanRunner
    private let gradients: FloatBuffer
    private var weights: Weights?

    /// - Parameter profile: where to add up the times of the operations
    public init(
        _ network: any SequenceNetwork, batchSize: Int, loss: TrainingLoss = .squared, pool: WorkerPool, profile: OperationProfile? = nil
    ) {
        self.network = network
        self.pool = pool
        self.batchSize = batchSize
        let c = network.configuration
        encoders = EncoderBatch(
            c.cameras.indices.map { network.encoderPlan(camera: $0, for: .training) }, rows: batchSize * c.observationSteps, pool: pool, profile: profile)
        unet = network.trainingPlan(batch: batchSize, loss: loss)
        unetRun = PlanRunner(unet.plan, pool: pool, profile: profile)
        gradients = network.store.makeBuffer()
    }

    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(_ batch: DiffusionBatch, parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        let weights = load(batch, parameters)
        gradients.clear(pool)
        let loss = unetRun.trainingPass(weights, loss: unet.loss, inputs: [unet.condition], addingTo: gradients)
        encoders.backward(
            unetRun.gradient(of: unet.condition), stride: network.configuration.stepFeatures, weights, addingTo: gradients)
        return (loss, gradients)
    }

    /// The loss alone.
    func loss(_ batch: DiffusionBatch, parameters: FloatBuffer) -> Float {
        unetRun.forward(load(batch, parameters))
        return unetRun[unet.loss][0]
    }

    /// Encodes the images, and places everything that the U-Net reads.
    private func load(_ batch: DiffusionBatch, _ parameters: FloatBuffer) -> Weights {
        let weights = Weights.packed(parameters, of: network.store, reusing: weights, pool: pool)
        self.weights = weights
        let c = network.configuration, condition = unetRun[unet.condition], images = c.stepFeatures - c.lowDimDimension
        encoders.forward(batch.images, weights, to: condition, stride: c.stepFeatures)
        for row in 0..<batchSize * c.observationSteps {
            condition.row(row, width: c.stepFeatures)[images..<c.stepFeatures]
                .copy(from: batch.lowDim, at: row * c.lowDimDimension)
        }
        unetRun.set(unet.sample, batch.noisyActions)
        unetRun.set(unet.step, batch.timesteps)
        unetRun.set(unet.target, batch.target)
        return weights
    }
}
