import Basics
import Compute
import Demonstrations
import Networks

/// What an image encoder is trained for.
protocol EncoderObjective {
    /// The encoder's parameters, and those of what the objective needs beside it.
    var store: ParameterStore { get }
    /// Of one batch.
    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    func run(_ batch: [FrameReference], step: Int, parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer)
    /// Of a batch of held-out frames; the views of one number are always the same.
    func loss(_ batch: [FrameReference], number: Int, parameters: FloatBuffer) -> Float
}

/// Trains an encoder on the frames of training demonstrations for an objective, with Adam. Trainings of one seed start from the
/// same encoder and see the same frames in the same order, whatever their objective.
public final class EncoderTrainer: Trainer {
    public let name: String
    public let totalSteps: Int
    private let objective: any EncoderObjective
    private let frames: [FrameReference]
    private let heldout: HeldoutBatches<FrameReference>
    private let pool: WorkerPool
    private let batchSize: Int
    private var order: SampleOrder
    public let parameters: FloatBuffer
    private let optimizer: AdamW

    /// By NT-Xent.
    /// - Parameters:
    ///   - frames: the training frames; a batch is never larger than their number.
    ///   - heldout: frames of demonstrations that are not learned from, for `heldoutLoss`.
    public convenience init(
        name: String, _ network: ContrastiveEncoder, _ configuration: ContrastiveTrainingConfiguration, set: DemonstrationSet,
        frames: [FrameReference], heldout: [FrameReference] = [], seed: Seed, pool: WorkerPool
    ) {
        self.init(name: name, configuration, frames: frames, heldout: heldout, seed: seed, pool: pool) {
            ContrastiveObjective(network, configuration, pairs: $0, set: set, seed: seed, pool: pool)
        }
    }

    /// By the error of reconstructed images; of the augmentation there is the crop alone.
    /// - Parameters:
    ///   - frames: the training frames; a batch is never larger than their number.
    ///   - heldout: frames of demonstrations that are not learned from, for `heldoutLoss`.
    public convenience init(
        name: String, _ network: ImageAutoencoder, _ configuration: ContrastiveTrainingConfiguration, set: DemonstrationSet,
        frames: [FrameReference], heldout: [FrameReference] = [], seed: Seed, pool: WorkerPool
    ) {
        self.init(name: name, configuration, frames: frames, heldout: heldout, seed: seed, pool: pool) {
            ReconstructionObjective(network, configuration.augmentation, frames: $0, set: set, seed: seed, pool: pool)
        }
    }

    private init(
        name: String, _ configuration: ContrastiveTrainingConfiguration, frames: [FrameReference], heldout: [FrameReference],
        seed: Seed, pool: WorkerPool, objective: (_ batchSize: Int) -> any EncoderObjective
    ) {
        self.name = name
        self.frames = frames
        self.pool = pool
        batchSize = min(configuration.batchSize, frames.count)
        self.heldout = HeldoutBatches(heldout, size: batchSize, seed: seed / "heldout order")
        totalSteps = max(1, configuration.epochs * frames.count / batchSize)
        self.objective = objective(batchSize)
        order = SampleOrder(count: frames.count, seed: seed / "order")
        parameters = self.objective.store.makeInitialized(seed / "initial")
        optimizer = AdamW(.init(learningRate: Float(configuration.learningRate)), count: self.objective.store.count)
    }

    /// Begins, before the first step, with a backbone that was trained elsewhere.
    /// - Throws: as `PretrainedTrunk.load`.
    public func begin(with trunk: PretrainedTrunk) throws {
        try trunk.load(into: parameters, of: objective.store, backbone: ImageEncoder.backbone(SharedEncoder.prefix))
    }

    public var step: Int { optimizer.stepCount }
    /// Of the encoder, and of what the objective needs beside it.
    public var parameterCount: Int { objective.store.count }

    public func advance() throws -> TrainingMetrics {
        let batch = (0..<batchSize).map { frames[order.sample(at: step * batchSize + $0)] }
        let (loss, gradients) = objective.run(batch, step: step, parameters: parameters)
        let norm = Gradients.norm(gradients)
        try requireFinite(loss: loss, gradientNorm: norm, gradients: gradients, store: objective.store, step: step)
        optimizer.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
        return TrainingMetrics(
            step: step, epoch: Double(step * batchSize) / Double(frames.count), loss: loss, gradientNorm: norm,
            learningRate: optimizer.configuration.learningRate)
    }

    public func heldoutLoss() -> Float? {
        heldout.mean { objective.loss($0, number: $1, parameters: parameters) }
    }

    public func state() -> TrainingState {
        TrainingState(
            model: objective.store.tensors(of: parameters),
            optimizer: OptimizerState(store: objective.store, parameters: parameters, optimizer: optimizer).tensors(),
            counters: ["step": step])
    }

    public func restore(_ state: TrainingState, from location: String) throws {
        guard let step = state.counters["step"] else {
            throw Failure(.data, "the checkpoint lacks its counters", at: location, expected: "step")
        }
        try OptimizerState(store: objective.store, parameters: parameters, optimizer: optimizer)
            .restore(state.optimizer, from: location)
        optimizer.stepCount = step
    }
}

/// Pictures of frames as an encoder in training sees them.
struct FrameViews {
    let set: DemonstrationSet
    let imageSize: Int
    let augmentation: ImageAugmentation
    /// Whether colours are changed as well.
    let hasJitter: Bool
    let pool: WorkerPool

    /// One view of each frame, [frames, cameras, S, S, 3] in [-1, 1].
    /// - Parameter source: of the randomness of a row
    func callAsFunction(of frames: [FrameReference], _ source: @Sendable (_ row: Int) -> RandomSource) -> [Float] {
        let (set, size, augmentation, hasJitter, cameras) = (set, imageSize, augmentation, hasJitter, set.cameras.count)
        let imageCount = size * size * 3
        let views = FloatBuffer(count: frames.count * cameras * imageCount)
        pool.run(lanes: frames.count) { row, _ in
            var source = source(row)
            for (camera, description) in set.cameras.enumerated() {
                let start = (row * cameras + camera) * imageCount
                views[start..<start + imageCount].withUnsafeMutableBufferPointer { target in
                    set.withPixels(frames[row], camera: camera) { pixels in
                        ImagePreprocessing.resample(
                            pixels, width: description.width, height: description.height,
                            region: augmentation.region(width: description.width, height: description.height, &source),
                            size: size, to: target)
                    }
                    if hasJitter { augmentation.jitter(target, &source) }
                    for i in target.indices { target[i] = 2 * target[i] - 1 }
                }
            }
        }
        return views.array
    }
}
