import Basics
import Compute
import Configuration
import Demonstrations
import Networks

/// How the Action Lookup Table's encoder is trained: NT-Xent over two augmented views, Adam; defaults are those of
/// arXiv 2505.05787's code.
public struct ContrastiveTrainingConfiguration: Equatable, Sendable {
    public var epochs = 40
    /// Frames N of a batch; each gives two views.
    public var batchSize = 32
    public var learningRate = 1e-4
    public var temperature = 0.4
    public var augmentation = ImageAugmentation()
    /// Frames up to which neighbours of one demonstration are no negatives, see `NTXentOperation`; 0, as published, for none.
    public var sparedNeighbours = 0
    /// Steps between checkpoints.
    public var checkpointEvery = 200

    public init() {}
}

extension ContrastiveTrainingConfiguration: SettingsGroup {
    public static var fields: [SettingsField<ContrastiveTrainingConfiguration>] {
        [
            SettingsField("epochs", \.epochs, .atLeast(1)),
            SettingsField("batch_size", \.batchSize, .within(2...65_536)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("temperature", \.temperature, .above(0)),
            SettingsField("spared_neighbours", \.sparedNeighbours, .within(0...10_000)),
            SettingsField("brightness", \.augmentation.brightness, .within(0...1)),
            SettingsField("contrast", \.augmentation.contrast, .within(0...1)),
            SettingsField("saturation", \.augmentation.saturation, .within(0...1)),
            SettingsField("hue", \.augmentation.hue, .within(0...0.5)),
            SettingsField("crop_scale", \.augmentation.cropScale, Rule.within(0.01...1).each(count: 2...2)),
            SettingsField("checkpoint_every", \.checkpointEvery, .atLeast(1)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let scale = augmentation.cropScale
        guard scale[0] > scale[1] else { return }
        throw origins.violation(path, "crop_scale", expected: "[smallest, largest]", found: scale.shown)
    }
}

/// Trains a `ContrastiveEncoder` on the frames of training demonstrations with NT-Xent and Adam.
public final class ContrastiveTrainer: Trainer {
    public let name: String
    public let network: ContrastiveEncoder
    public let totalSteps: Int
    private let configuration: ContrastiveTrainingConfiguration
    private let set: DemonstrationSet
    private let frames: [FrameReference]
    private let seed: Seed
    private let pool: WorkerPool
    private let gradient: ContrastiveGradient
    private let batchSize: Int
    private var order: SampleOrder
    public let parameters: FloatBuffer
    private let optimizer: AdamW

    /// - Parameter frames: the training frames; a batch is never larger than their number.
    public init(
        name: String, _ network: ContrastiveEncoder, _ configuration: ContrastiveTrainingConfiguration, set: DemonstrationSet,
        frames: [FrameReference], seed: Seed, pool: WorkerPool
    ) {
        self.name = name
        self.network = network
        self.configuration = configuration
        self.set = set
        self.frames = frames
        self.seed = seed
        self.pool = pool
        batchSize = min(configuration.batchSize, frames.count)
        totalSteps = max(1, configuration.epochs * frames.count / batchSize)
        gradient = ContrastiveGradient(
            network, pairs: batchSize, temperature: Float(configuration.temperature), spared: configuration.sparedNeighbours,
            pool: pool)
        order = SampleOrder(count: frames.count, seed: seed / "order")
        parameters = network.store.makeInitialized(seed / "initial")
        optimizer = AdamW(.init(learningRate: Float(configuration.learningRate)), count: network.store.count)
    }

    public var step: Int { optimizer.stepCount }

    public func advance() throws -> TrainingMetrics {
        let chosen = (0..<batchSize).map { frames[order.sample(at: step * batchSize + $0)] }
        let (loss, gradients) = gradient.run(views(of: chosen, step: step), frames: chosen, parameters: parameters)
        let norm = Gradients.norm(gradients)
        try requireFinite(loss: loss, gradientNorm: norm, gradients: gradients, store: network.store, step: step)
        optimizer.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
        return TrainingMetrics(
            step: step, epoch: Double(step * batchSize) / Double(frames.count), loss: loss, gradientNorm: norm,
            learningRate: optimizer.configuration.learningRate)
    }

    /// Two augmented views of each frame of a batch, [2 N, cameras, S, S, 3] in [-1, 1].
    private func views(of chosen: [FrameReference], step: Int) -> [Float] {
        let (set, size, pairs, seed) = (set, network.configuration.imageSize, batchSize, seed)
        let augmentation = configuration.augmentation, cameras = set.cameras.count
        let imageCount = network.configuration.imageCount
        let views = FloatBuffer(count: 2 * pairs * cameras * imageCount)
        pool.run(lanes: 2 * pairs) { row, _ in
            var source = RandomSource(seed / "views" / (step * pairs + row % pairs) / (row / pairs))
            for (camera, description) in set.cameras.enumerated() {
                let start = (row * cameras + camera) * imageCount
                views[start..<start + imageCount].withUnsafeMutableBufferPointer { target in
                    set.withPixels(chosen[row % pairs], camera: camera) { pixels in
                        ImagePreprocessing.resample(
                            pixels, width: description.width, height: description.height,
                            region: augmentation.region(width: description.width, height: description.height, &source),
                            size: size, to: target)
                    }
                    augmentation.jitter(target, &source)
                    for i in target.indices { target[i] = 2 * target[i] - 1 }
                }
            }
        }
        return views.array
    }

    public func state() -> TrainingState {
        TrainingState(
            model: network.store.tensors(of: parameters),
            optimizer: OptimizerState(store: network.store, parameters: parameters, optimizer: optimizer).tensors(),
            counters: ["step": step])
    }

    public func restore(_ state: TrainingState, from location: String) throws {
        guard let step = state.counters["step"] else {
            throw Failure(.data, "the checkpoint lacks its counters", at: location, expected: "step")
        }
        try OptimizerState(store: network.store, parameters: parameters, optimizer: optimizer)
            .restore(state.optimizer, from: location)
        optimizer.stepCount = step
    }
}
