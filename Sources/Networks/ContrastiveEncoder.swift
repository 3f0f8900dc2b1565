import Compute
import Configuration

/// The size of the Action Lookup Table's encoder: one image encoder shared by all cameras, then two linear layers.
public struct ContrastiveEncoderConfiguration: Equatable, Sendable {
    public enum Trunk: String, SettingsChoice, Sendable {
        /// `image`, from random weights.
        case compact
        /// `ImageEncoderConfiguration.imageNet`, from ImageNet's weights.
        case imagenet
    }

    /// No setting: where ImageNet's weights are given, a study trains both.
    public var trunk = Trunk.compact
    /// Of the compact variant; of ImageNet's only the number of features is the same.
    public var image = ImageEncoderConfiguration { $0.features = 128 }
    /// What the network has.
    public var imageEncoder: ImageEncoderConfiguration { trunk == .compact ? image : .imageNet(features: image.features) }
    /// Length of the embedding, a unit vector.
    public var embedding = 128

    public init() {}
}

extension ContrastiveEncoderConfiguration: SettingsGroup {
    public static var fields: [SettingsField<ContrastiveEncoderConfiguration>] {
        [
            SettingsField("channels", \.image.channels, ImageEncoderConfiguration.channelsRule),
            SettingsField("keypoints", \.image.keypoints, ImageEncoderConfiguration.keypointsRule),
            SettingsField("features", \.image.features, ImageEncoderConfiguration.featuresRule),
            SettingsField("embedding", \.embedding, .within(2...4096)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws { try image.validate(origins, path: path) }
}

/// The Action Lookup Table's encoder on given observations.
public struct ContrastiveConfiguration: Sendable, Equatable {
    public var cameraCount: Int
    /// Extent of the square images, after cropping.
    public var imageSize: Int
    public var encoder: ContrastiveEncoderConfiguration

    public init(cameraCount: Int, imageSize: Int, encoder: ContrastiveEncoderConfiguration = .init()) {
        self.cameraCount = cameraCount
        self.imageSize = imageSize
        self.encoder = encoder
    }

    public var imageCount: Int { imageSize * imageSize * 3 }
    /// Features of all cameras side by side, the head's input.
    public var features: Int { cameraCount * encoder.image.features }
}

/// One image encoder shared by all cameras, then Linear - ReLU - Linear and unit length (arXiv 2505.05787 and its
/// published code).
public final class ContrastiveEncoder {
    public let configuration: ContrastiveConfiguration
    public let store = ParameterStore()
    private let imageEncoder: ImageEncoder
    private let head: (Linear, Linear)

    public init(_ configuration: ContrastiveConfiguration) {
        self.configuration = configuration
        imageEncoder = ImageEncoder(store, SharedEncoder.prefix, configuration.encoder.imageEncoder)
        head = (
            Linear(store, "fc.0", inputs: configuration.features, outputs: configuration.features),
            Linear(store, "fc.2", inputs: configuration.features, outputs: configuration.encoder.embedding)
        )
    }

    /// `image` [1, S, S, 3] -> `features` [1, F].
    public func imagePlan(for purpose: Graph.Purpose) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, configuration.imageSize, configuration.imageSize, 3])
        let features = imageEncoder(image)
        return EncoderPlan(plan: graph.plan(for: purpose), image: image, features: features)
    }

    /// Camera features of a batch [B, cameras x F] -> embeddings [B, D].
    public struct HeadPlan: @unchecked Sendable {
        public let plan: Plan
        public let features: Value
        public let embedding: Value
    }

    public func headPlan(batch: Int) -> HeadPlan {
        let graph = Graph()
        let features = graph.input([batch, configuration.features])
        let embedding = embedding(features)
        return HeadPlan(plan: graph.plan(for: .inference), features: features, embedding: embedding)
    }

    /// Camera features of N pairs, first views then second views [2 N, cameras x F] -> NT-Xent [1].
    public struct TrainingPlan: @unchecked Sendable {
        public let plan: Plan
        public let features: Value
        /// Demonstration and frame of each row [2 N, 2]; nil where no neighbours are spared.
        public let places: Value?
        public let loss: Value
    }

    /// - Parameter spared: frames up to which neighbours of a demonstration are no negatives, see `NTXentOperation`.
    public func trainingPlan(pairs: Int, temperature: Float, spared: Int = 0) -> TrainingPlan {
        let graph = Graph(), operation = NTXentOperation(temperature: temperature, spared: spared)
        let features = graph.input([2 * pairs, configuration.features], needsGradient: true)
        let places = spared > 0 ? graph.input([2 * pairs, 2]) : nil, embedding = embedding(features)
        let loss = places.map { graph.apply(operation, embedding, $0) } ?? graph.apply(operation, embedding)
        return TrainingPlan(plan: graph.plan(for: .training), features: features, places: places, loss: loss)
    }

    private func embedding(_ features: Value) -> Value { head.1(head.0(features).relu()).l2Normalized() }
}
