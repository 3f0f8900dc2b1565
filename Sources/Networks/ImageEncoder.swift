import Compute

/// The size of an image encoder.
public struct ImageEncoderConfiguration: Sendable, Equatable {
    public enum Variant: String, Sendable, CaseIterable {
        /// Stem 5 x 5, one residual block a stage.
        case compact
        /// diffusion_policy's trunk: stem 7 x 7, max pool, two residual blocks a stage; channels 64, 128, 256, 512.
        case resnet18

        var stemKernelSize: Int { self == .compact ? 5 : 7 }
        var poolsAfterStem: Bool { self == .resnet18 }
        var blocksPerStage: Int { self == .compact ? 1 : 2 }
    }

    public var variant: Variant
    /// Channels of the stages; the first is the stem's too.
    public var channels: [Int]
    /// Keypoints of the spatial softmax.
    public var keypoints: Int
    /// Length of the feature vector.
    public var features: Int

    public init(variant: Variant = .compact, channels: [Int] = [16, 32, 64], keypoints: Int = 32, features: Int = 64) {
        self.variant = variant
        self.channels = channels
        self.keypoints = keypoints
        self.features = features
    }
}

/// Camera image to feature vector: [B, H, W, 3] -> [B, features]: backbone, spatial softmax, linear, ReLU
/// (diffusion_policy's `obs_encoder.obs_nets.<camera>`).
public struct ImageEncoder {
    let backbone: Backbone
    let keypoints: Conv2d
    let projection: Linear

    public init(_ store: ParameterStore, _ name: String, _ configuration: ImageEncoderConfiguration) {
        backbone = Backbone(store, "\(name).backbone", configuration)
        keypoints = Conv2d(
            store, "\(name).pool.nets", inputChannels: configuration.channels[configuration.channels.count - 1],
            outputChannels: configuration.keypoints, kernelSize: 1)
        projection = Linear(store, "\(name).nets.3", inputs: 2 * configuration.keypoints, outputs: configuration.features)
    }

    public func callAsFunction(_ image: Value) -> Value {
        projection(keypoints(backbone(image)).spatialSoftmax()).relu()
    }
}

/// An image encoder as a plan for one image: `image` [1, S, S, 3] -> `features` [1, F].
public struct EncoderPlan: @unchecked Sendable {
    public let plan: Plan
    public let image: Value
    public let features: Value
}
