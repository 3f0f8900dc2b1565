import Basics
import Compute
import Networks

/// Loss and gradient of one contrastive batch: NT-Xent over two views of N frames, through head and image encoder.
///
/// Encoders run image after image, see `EncoderBatch`; head and loss, which couples all rows, run once over the batch.
public final class ContrastiveGradient {
    private let network: ContrastiveEncoder
    private let pool: WorkerPool
    private let encoders: EncoderBatch
    private let head: ContrastiveEncoder.TrainingPlan
    private let headRun: PlanRunner
    private let gradients: FloatBuffer
    private var weights: Weights?

    /// - Parameters:
    ///   - pairs: N; a batch has 2 N rows.
    ///   - profile: where to add up the times of the operations
    public init(
        _ network: ContrastiveEncoder, pairs: Int, temperature: Float, pool: WorkerPool, profile: OperationProfile? = nil
    ) {
        self.network = network
        self.pool = pool
        let image = network.imagePlan(for: .training)
        encoders = EncoderBatch(
            (0..<network.configuration.cameraCount).map { _ in image }, rows: 2 * pairs, pool: pool, profile: profile)
        head = network.trainingPlan(pairs: pairs, temperature: temperature)
        headRun = PlanRunner(head.plan, pool: pool, profile: profile)
        gradients = network.store.makeBuffer()
    }

    /// - Parameter images: [2 N, cameras, S, S, 3] in [-1, 1], first views then second views
    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(_ images: [Float], parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        let weights = Weights.packed(parameters, of: network.store, reusing: weights, pool: pool)
        self.weights = weights
        let stride = network.configuration.features
        encoders.forward(images, weights, to: headRun[head.features], stride: stride)
        gradients.clear(pool)
        let loss = headRun.trainingPass(weights, loss: head.loss, inputs: [head.features], addingTo: gradients)
        encoders.backward(headRun.gradient(of: head.features), stride: stride, weights, addingTo: gradients)
        return (loss, gradients)
    }
}
