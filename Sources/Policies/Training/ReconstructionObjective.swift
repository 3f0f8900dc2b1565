import Basics
import Compute
import Demonstrations
import Networks

/// A cropped image is reconstructed from its features. Colours are left alone: what is to be reconstructed is what is seen.
final class ReconstructionObjective: EncoderObjective {
    private let network: ImageAutoencoder
    private let views: FrameViews
    private let gradient: ReconstructionGradient
    private let seed: Seed

    /// - Parameter frames: of a batch
    init(
        _ network: ImageAutoencoder, _ augmentation: ImageAugmentation, frames: Int, set: DemonstrationSet, seed: Seed,
        pool: WorkerPool
    ) {
        self.network = network
        self.seed = seed
        views = FrameViews(
            set: set, imageSize: network.configuration.imageSize, augmentation: augmentation, hasJitter: false, pool: pool)
        gradient = ReconstructionGradient(network, frames: frames, pool: pool)
    }

    var store: ParameterStore { network.store }

    func run(_ batch: [FrameReference], step: Int, parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        gradient.run(images(of: batch, seed / "views", step), parameters: parameters)
    }

    func loss(_ batch: [FrameReference], number: Int, parameters: FloatBuffer) -> Float {
        gradient.loss(images(of: batch, seed / "heldout views", number), parameters: parameters)
    }

    private func images(of batch: [FrameReference], _ seed: Seed, _ number: Int) -> [Float] {
        views(of: batch) { row in RandomSource(seed / (number * batch.count + row)) }
    }
}

/// Loss and gradient of one batch of an autoencoder: the mean squared error of the thumbnails of all images of N frames.
///
/// Encoders run image after image, see `EncoderBatch`; the decoder runs once over the batch.
public final class ReconstructionGradient {
    private let network: ImageAutoencoder
    private let pool: WorkerPool
    private let encoders: EncoderBatch
    private let decoder: ImageAutoencoder.TrainingPlan
    private let decoderRun: PlanRunner
    private let gradients: FloatBuffer
    private var weights: Weights?

    /// - Parameter frames: N; a batch has as many rows, each with an image of every camera.
    public init(_ network: ImageAutoencoder, frames: Int, pool: WorkerPool) {
        self.network = network
        self.pool = pool
        let image = network.encoder.plan(for: .training), cameras = network.configuration.cameraCount
        encoders = EncoderBatch((0..<cameras).map { _ in image }, rows: frames, pool: pool, profile: nil)
        decoder = network.trainingPlan(images: frames * cameras)
        decoderRun = PlanRunner(decoder.plan, pool: pool)
        gradients = network.store.makeBuffer()
    }

    /// - Parameter images: [N, cameras, S, S, 3] in [-1, 1]
    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(_ images: [Float], parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        let weights = load(images, parameters)
        gradients.clear(pool)
        let loss = decoderRun.trainingPass(weights, loss: decoder.loss, inputs: [decoder.features], addingTo: gradients)
        encoders.backward(
            decoderRun.gradient(of: decoder.features), stride: network.configuration.features, weights, addingTo: gradients)
        return (loss, gradients)
    }

    /// The loss alone.
    func loss(_ images: [Float], parameters: FloatBuffer) -> Float {
        decoderRun.forward(load(images, parameters))
        return decoderRun[decoder.loss][0]
    }

    /// Encodes the images, and places what they are compared with.
    private func load(_ images: [Float], _ parameters: FloatBuffer) -> Weights {
        let weights = Weights.packed(parameters, of: network.store, reusing: weights, pool: pool)
        self.weights = weights
        // A row of the batch is as many rows of the decoder as there are cameras.
        encoders.forward(images, weights, to: decoderRun[decoder.features], stride: network.configuration.features)
        decoderRun.set(decoder.target, network.thumbnail(images))
        return weights
    }
}
