import Compute

/// The networks of a diffusion policy on given observations and actions.
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
        cameras: [String], imageSize: Int, lowDimDimension: Int, actionDimension: Int, horizon: Int,
        observationSteps: Int, encoder: ImageEncoderConfiguration = .init(), unet: UnetConfiguration = .init()
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
    public func encoderPlan(camera: Int, for purpose: Graph.Purpose) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, configuration.imageSize, configuration.imageSize, 3])
        let features = encoders[camera](image)
        return EncoderPlan(plan: graph.plan(for: purpose), image: image, features: features)
    }

    /// The U-Net with its loss, over a batch of B samples.
    public struct TrainingPlan: @unchecked Sendable {
        public let plan: Plan
        public let sample: Value  // [B, T, A]
        public let step: Value  // [B]
        public let condition: Value  // [B, G]
        public let prediction: Value  // [B, T, A]
        public let target: Value  // [B, T, A]
        public let loss: Value  // [1]
    }

    public func trainingPlan(batch: Int, loss: TrainingLoss = .squared) -> TrainingPlan {
        let graph = Graph(), c = configuration
        let sample = graph.input([batch, c.horizon, c.actionDimension])
        let step = graph.input([batch])
        let condition = graph.input([batch, c.condition], needsGradient: true)
        let target = graph.input(sample.shape)
        let prediction = unet(sample, step: step, condition: condition)
        let loss = graph.apply(loss.operation, prediction, target)
        return TrainingPlan(
            plan: graph.plan(for: .training), sample: sample, step: step, condition: condition, prediction: prediction,
            target: target, loss: loss)
    }

    /// What steps and observations do to the U-Net's blocks: the part of a prediction that sampling computes once for
    /// all its steps.
    public struct ConditioningPlan: @unchecked Sendable {
        public let plan: Plan
        public let step: Value  // [B]
        public let condition: Value  // [B, G]
        public let modulations: [Value]  // [B, 2 O] of each block
    }

    public func conditioningPlan(batch: Int) -> ConditioningPlan {
        let graph = Graph()
        let step = graph.input([batch]), condition = graph.input([batch, configuration.condition])
        let modulations = unet.modulations(step: step, condition: condition)
        return ConditioningPlan(
            plan: graph.plan(for: .inference), step: step, condition: condition, modulations: modulations)
    }

    /// The rest of the U-Net: noisy actions and modulations to the network's answer.
    public struct DenoiserPlan: @unchecked Sendable {
        public let plan: Plan
        public let sample: Value  // [B, T, A]
        public let modulations: [Value]  // [B, 2 O] of each block
        public let prediction: Value  // [B, T, A]
    }

    public func denoiserPlan(batch: Int) -> DenoiserPlan {
        let graph = Graph(), c = configuration
        let sample = graph.input([batch, c.horizon, c.actionDimension])
        let modulations = unet.blockChannels.map { graph.input([batch, 2 * $0]) }
        let prediction = unet(sample, modulations)
        return DenoiserPlan(
            plan: graph.plan(for: .inference), sample: sample, modulations: modulations, prediction: prediction)
    }
}
