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
            SettingsField("epochs", \.epochs, .count(from: 1)),
            SettingsField("batch_size", \.batchSize, .within(2...65_536)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("temperature", \.temperature, .above(0)),
            SettingsField("spared_neighbours", \.sparedNeighbours, .within(0...10_000)),
            SettingsField("brightness", \.augmentation.brightness, .within(0...1)),
            SettingsField("contrast", \.augmentation.contrast, .within(0...1)),
            SettingsField("saturation", \.augmentation.saturation, .within(0...1)),
            SettingsField("hue", \.augmentation.hue, .within(0...0.5)),
            SettingsField("crop_scale", \.augmentation.cropScale, Rule.within(0.01...1).each(count: 2...2)),
            SettingsField("checkpoint_every", \.checkpointEvery, .count(from: 1)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let scale = augmentation.cropScale
        guard scale[0] > scale[1] else { return }
        throw origins.violation(path, "crop_scale", expected: "[smallest, largest]", found: scale.shown)
    }
}

/// Two augmented views of a frame belong together, those of other frames do not: NT-Xent.
final class ContrastiveObjective: EncoderObjective {
    private let network: ContrastiveEncoder
    private let views: FrameViews
    private let gradient: ContrastiveGradient
    private let seed: Seed

    /// - Parameter pairs: N, the frames of a batch
    init(
        _ network: ContrastiveEncoder, _ configuration: ContrastiveTrainingConfiguration, pairs: Int, set: DemonstrationSet,
        seed: Seed, pool: WorkerPool
    ) {
        self.network = network
        self.seed = seed
        views = FrameViews(
            set: set, imageSize: network.configuration.imageSize, augmentation: configuration.augmentation, hasJitter: true,
            pool: pool)
        gradient = ContrastiveGradient(
            network, pairs: pairs, temperature: Float(configuration.temperature), spared: configuration.sparedNeighbours,
            pool: pool)
    }

    var store: ParameterStore { network.store }

    func run(_ batch: [FrameReference], step: Int, parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        gradient.run(images(of: batch, seed / "views", step), frames: batch, parameters: parameters)
    }

    func loss(_ batch: [FrameReference], number: Int, parameters: FloatBuffer) -> Float {
        gradient.loss(images(of: batch, seed / "heldout views", number), frames: batch, parameters: parameters)
    }

    /// First views, then second views.
    private func images(of batch: [FrameReference], _ seed: Seed, _ number: Int) -> [Float] {
        let pairs = batch.count
        return views(of: batch + batch) { row in RandomSource(seed / (number * pairs + row % pairs) / (row / pairs)) }
    }
}
