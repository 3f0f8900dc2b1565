import Compute

/// The networks of a diffusion policy on given observations and actions.
public struct DiffusionNetworkConfiguration: Sendable, Equatable {
    /// Camera keys, one encoder each; empty for a low-dim policy.
    public var cameras: [String]
    /// Whether one encoder serves all cameras.
    public var sharesEncoder = false
    /// The images the encoders see, after resizing and cropping.
    public var image: ImageExtent
    public var lowDimDimension: Int
    public var actionDimension: Int
    public var horizon: Int
    public var observationSteps: Int
    public var encoder: ImageEncoderConfiguration
    public var unet: UnetConfiguration

    /// - Parameter imageSize: side of the square images the encoders see
    public init(
        cameras: [String], imageSize: Int, lowDimDimension: Int, actionDimension: Int, horizon: Int,
        observationSteps: Int, encoder: ImageEncoderConfiguration = .init(), unet: UnetConfiguration = .init()
    ) {
        self.init(
            cameras: cameras, image: ImageExtent(square: imageSize), lowDimDimension: lowDimDimension, actionDimension: actionDimension,
            horizon: horizon, observationSteps: observationSteps, encoder: encoder, unet: unet)
    }

    public init(
        cameras: [String], sharesEncoder: Bool = false, image: ImageExtent, lowDimDimension: Int, actionDimension: Int, horizon: Int,
        observationSteps: Int, encoder: ImageEncoderConfiguration = .init(), unet: UnetConfiguration = .init()
    ) {
        self.cameras = cameras
        self.sharesEncoder = sharesEncoder
        self.image = image
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
    /// Floats of one preprocessed image, [H, W, 3].
    public var imageCount: Int { image.count }
    /// In front of the parameters of each encoder: of each camera's, or of the one they share.
    public var encoderNames: [String] {
        sharesEncoder && !cameras.isEmpty ? ["obs_encoder.shared"] : cameras.map { "obs_encoder.obs_nets.\($0)" }
    }
}

/// The networks of a diffusion policy over one parameter store: the image encoders, one for each camera or one for all, and
/// the U-Net.
/// Layers, names and parameter counts are those of diffusion_policy's image policy.
public final class DiffusionNetwork {
    public let configuration: DiffusionNetworkConfiguration
    public let store = ParameterStore()
    private let encoders: [ImageEncoder]
    private let unet: ConditionalUnet1d

    public init(_ configuration: DiffusionNetworkConfiguration) {
        self.configuration = configuration
        encoders = configuration.encoderNames.map { [store] in ImageEncoder(store, $0, configuration.encoder) }
        unet = ConditionalUnet1d(
            store, "model", actionDimension: configuration.actionDimension, globalCondition: configuration.condition,
            configuration.unet)
    }

    /// One camera's encoder.
    public func encoderPlan(camera: Int, for purpose: Graph.Purpose) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, configuration.image.height, configuration.image.width, 3])
        let features = encoders[configuration.sharesEncoder ? 0 : camera](image)
        return EncoderPlan(plan: graph.plan(for: purpose), image: image, features: features)
    }

    /// Every camera's; cameras that share an encoder share its plan.
    public func encoderPlans(for purpose: Graph.Purpose) -> [EncoderPlan] {
        guard configuration.sharesEncoder, !configuration.cameras.isEmpty else {
            return configuration.cameras.indices.map { encoderPlan(camera: $0, for: purpose) }
        }
        return Array(repeating: encoderPlan(camera: 0, for: purpose), count: configuration.cameras.count)
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
