import Compute

/// The size of a diffusion policy's networks.
public struct DiffusionNetworkConfiguration: Sendable, Equatable {
    /// Camera keys, one encoder each; empty for a low-dim policy.
    public var cameras: [String]
    /// Extent of the square images the encoders see, after cropping.
    public var imageSize: Int
    public var lowDimDimension: Int
    public var actionDimension: Int
    public var horizon: Int
    public var observationSteps: Int
    public var encoder: ImageEncoderConfiguration
    public var unet: UnetConfiguration

    public init(
        cameras: [String], imageSize: Int, lowDimDimension: Int, actionDimension: Int, horizon: Int = 16,
        observationSteps: Int = 2, encoder: ImageEncoderConfiguration = .init(), unet: UnetConfiguration = .init()
    ) {
        self.cameras = cameras
        self.imageSize = imageSize
        self.lowDimDimension = lowDimDimension
        self.actionDimension = actionDimension
        self.horizon = horizon
        self.observationSteps = observationSteps
        self.encoder = encoder
        self.unet = unet
    }

    /// Features of one observation step: cameras in order, then low-dim values.
    public var stepFeatures: Int { cameras.count * encoder.features + lowDimDimension }
    /// Features of an observation history, steps in order: the U-Net's global condition.
    public var condition: Int { observationSteps * stepFeatures }
    /// Floats of one preprocessed image, [imageSize, imageSize, 3].
    public var imageCount: Int { imageSize * imageSize * 3 }
}

/// The networks of a diffusion policy over one parameter store: an image encoder per camera and the U-Net.
/// Layers, names and parameter counts are those of diffusion_policy's image policy.
public final class DiffusionNetwork {
    public let configuration: DiffusionNetworkConfiguration
    public let store = ParameterStore()
    private let encoders: [ImageEncoder]
    private let unet: ConditionalUnet1d

    public init(_ configuration: DiffusionNetworkConfiguration) {
        self.configuration = configuration
        encoders = configuration.cameras.map { [store] in
            ImageEncoder(store, "obs_encoder.obs_nets.\($0)", configuration.encoder)
        }
        unet = ConditionalUnet1d(
            store, "model", actionDimension: configuration.actionDimension, globalCondition: configuration.condition,
            configuration.unet)
    }

    /// One camera's encoder.
    public func encoderPlan(camera: Int) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, configuration.imageSize, configuration.imageSize, 3])
        let features = encoders[camera](image)
        return EncoderPlan(plan: graph.plan(), image: image, features: features)
    }

    /// The U-Net as a plan over a batch of B samples.
    public struct DenoiserPlan: @unchecked Sendable {
        public let plan: Plan
        public let sample: Value  // [B, T, A]
        public let step: Value  // [B]
        public let condition: Value  // [B, G]
        public let prediction: Value  // [B, T, A]
        /// Present in training plans: the noise [B, T, A] and the loss [1].
        public let target: Value?
        public let loss: Value?
    }

    /// - Parameter lossCount: entries the loss averages over (those of the whole batch when the plan is one of its
    ///   lanes); nil makes a plan without loss, for sampling.
    public func denoiserPlan(batch: Int, lossCount: Int? = nil) -> DenoiserPlan {
        let graph = Graph(), c = configuration
        let sample = graph.input([batch, c.horizon, c.actionDimension])
        let step = graph.input([batch])
        let condition = graph.input([batch, c.condition], needsGradient: lossCount != nil)
        let prediction = unet(sample, step: step, condition: condition)
        var target: Value?, loss: Value?
        if let lossCount {
            let noise = graph.input(prediction.shape)
            target = noise
            loss = graph.apply(MeanSquaredErrorOperation(count: lossCount), prediction, noise)
        }
        return DenoiserPlan(
            plan: graph.plan(), sample: sample, step: step, condition: condition, prediction: prediction,
            target: target, loss: loss)
    }
}
