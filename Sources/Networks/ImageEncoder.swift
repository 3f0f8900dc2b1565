import Compute
import Configuration

/// The size of an image encoder.
public struct ImageEncoderConfiguration: Equatable, Sendable {
    public enum Variant: String, Sendable, CaseIterable {
        /// Stem 5 x 5, one residual block a stage.
        case compact
        /// diffusion_policy's ResNet-18 trunk with GroupNorm: stem 7 x 7, max pool, two residual blocks a stage. With
        /// `channels` [64, 128, 256, 512] it is the reference's, about 11 M parameters per camera.
        case resnet18

        var stemKernelSize: Int { self == .compact ? 5 : 7 }
        var poolsAfterStem: Bool { self == .resnet18 }
        var blocksPerStage: Int { self == .compact ? 1 : 2 }
    }

    public var variant = Variant.compact
    /// Channels of the stages, as many stages as widths; the first is the stem's too.
    public var channels = [16, 32, 64]
    /// Keypoints of the spatial softmax.
    public var keypoints = 32
    /// Length of the feature vector.
    public var features = 64

    /// What follows a trunk's convolutions.
    public enum Normalization: Sendable {
        /// GroupNorm, one group for every 16 channels.
        case group
        /// Nothing: a BatchNorm of a network trained elsewhere, folded into weight and bias, which then are what is trained.
        case folded
    }

    /// Of the networks trained here always GroupNorm: no setting.
    public var normalization = Normalization.group
    /// Residual blocks of each stage where they are not the variant's, as in a ResNet-34: no setting.
    public var stageBlocks: [Int]?

    /// Whether the trunk is made for the weights of torchvision's ResNet-18: pictures are scaled by ImageNet's statistics, and
    /// the average of the last map is projected, with nothing after it. No setting.
    public var isImageNets = false

    public init() {}

    /// torchvision's ResNet-18 with a projection in the place of its classes, which is how arXiv 2505.05787's code has it.
    public static func imageNet(features: Int) -> ImageEncoderConfiguration {
        ImageEncoderConfiguration {
            ($0.variant, $0.channels, $0.features) = (.resnet18, [64, 128, 256, 512], features)
            ($0.normalization, $0.isImageNets) = (.folded, true)
        }
    }

    func blocks(ofStage stage: Int) -> Int { stageBlocks.map { $0[stage] } ?? variant.blocksPerStage }

    /// The positions of the trunk's last feature map.
    public func featureMap(of image: ImageExtent) -> ImageExtent {
        (0..<halvings).reduce(image) { size, _ in ImageExtent(height: (size.height + 1) / 2, width: (size.width + 1) / 2) }
    }

    /// Times the picture is halved, rounded up: by the stem, by pooling and by every stage but the first.
    public var halvings: Int { channels.count + (variant.poolsAfterStem ? 1 : 0) }
}

extension ImageEncoderConfiguration.Variant: SettingsChoice {}

extension ImageEncoderConfiguration: SettingsGroup {
    public static var fields: [SettingsField<ImageEncoderConfiguration>] {
        [
            SettingsField("variant", \.variant),
            SettingsField("channels", \.channels, channelsRule),
            SettingsField("keypoints", \.keypoints, keypointsRule),
            SettingsField("features", \.features, featuresRule),
        ]
    }

    static var channelsRule: Rule<[Int]> { Rule.within(1...2048).each(count: 1...8) }
    static var keypointsRule: Rule<Int> { .within(1...1024) }
    static var featuresRule: Rule<Int> { .within(1...4096) }

    /// Group normalisation takes channels / 16 groups, so that wider stages must be multiples of 16.
    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard let width = channels.first(where: { $0 % max(1, $0 / 16) != 0 }) else { return }
        throw origins.violation(
            path, "channels", expected: "widths that channels / 16 groups divide, such as multiples of 16", found: "\(width)")
    }
}

/// Camera image in [-1, 1] to feature vector: [B, H, W, 3] -> [B, features]: backbone, spatial softmax, linear, ReLU
/// (diffusion_policy's `obs_encoder.obs_nets.<camera>`); of ImageNet's ResNet-18 backbone, average, linear.
public struct ImageEncoder {
    let scale: ChannelScaleOperation?
    let backbone: Backbone
    let keypoints: Conv2d?
    let projection: Linear
    /// What the names of the backbone's parameters begin with.
    public static func backbone(_ name: String) -> String { "\(name).backbone.nets." }

    public init(_ store: ParameterStore, _ name: String, _ configuration: ImageEncoderConfiguration) {
        let channels = configuration.channels[configuration.channels.count - 1]
        backbone = Backbone(store, "\(name).backbone", configuration)
        scale = configuration.isImageNets ? Self.imageNetScale : nil
        keypoints =
            configuration.isImageNets
            ? nil : Conv2d(store, "\(name).pool.nets", inputChannels: channels, outputChannels: configuration.keypoints, kernelSize: 1)
        projection = Linear(
            store, "\(name).nets.3", inputs: configuration.isImageNets ? channels : 2 * configuration.keypoints, outputs: configuration.features)
    }

    public func callAsFunction(_ image: Value) -> Value {
        let map = backbone(scale.map { image.graph.apply($0, image) } ?? image)
        guard let keypoints else { return projection(map.averaged()) }
        return projection(keypoints(map).spatialSoftmax()).relu()
    }

    /// From [-1, 1] to what torchvision's networks are shown: (v - mean) / deviation of v in [0, 1], by ImageNet's statistics.
    private static var imageNetScale: ChannelScaleOperation {
        let mean = [0.485, 0.456, 0.406], deviation = [0.229, 0.224, 0.225]
        return ChannelScaleOperation(
            scale: deviation.map { Float(0.5 / $0) }, offset: zip(mean, deviation).map { Float((0.5 - $0) / $1) })
    }
}

/// The sides of the images that an encoder sees, in pixels.
public struct ImageExtent: Hashable, Sendable, CustomStringConvertible {
    public let height, width: Int

    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    public init(square side: Int) { self.init(height: side, width: side) }

    /// Floats of an image of three channels.
    public var count: Int { height * width * 3 }
    public var description: String { "\(height) x \(width)" }
}

/// An image encoder as a plan for one image: `image` [1, H, W, 3] -> `features` [1, F].
public struct EncoderPlan: @unchecked Sendable {
    public let plan: Plan
    public let image: Value
    public let features: Value
}
