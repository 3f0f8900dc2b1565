import Basics
import Compute
import Demonstrations
import Networks
import Safetensors

/// What the network of a `DiffusionTrainer` learns to answer.
public enum TrainingObjective: Sendable {
    /// What a process asks for, given noisy actions at a level drawn for every sequence.
    case generative(any GenerativeProcess)
    /// The actions themselves, from zeros at timestep 0: behaviour cloning with the same network.
    case regression
}

/// How a diffusion policy is trained; defaults are diffusion_policy's.
public struct DiffusionTrainingConfiguration: Sendable, Equatable {
    public var steps: Int
    public var batchSize: Int
    public var optimizer: AdamW.Configuration
    public var warmupSteps: Int
    public var emaPower: Double
    public var emaMaximum: Double
    /// Largest gradient norm; nil leaves gradients as they are.
    public var gradientClip: Float?

    public init(
        steps: Int, batchSize: Int = 64,
        optimizer: AdamW.Configuration = .init(learningRate: 1e-4, beta1: 0.95, beta2: 0.999, weightDecay: 1e-6),
        warmupSteps: Int = 500, emaPower: Double = 0.75, emaMaximum: Double = 0.9999, gradientClip: Float? = nil
    ) {
        self.steps = steps
        self.batchSize = batchSize
        self.optimizer = optimizer
        self.warmupSteps = warmupSteps
        self.emaPower = emaPower
        self.emaMaximum = emaMaximum
        self.gradientClip = gradientClip
    }
}

/// Trains the network of a diffusion policy on windows of demonstrations.
///
/// Padded steps count in the loss, as in diffusion_policy. The loss uses the raw weights, sampling the EMA.
public final class DiffusionTrainer: Trainer {
    public let name: String
    public let network: DiffusionNetwork
    public let normalizer: Normalizer
    public let totalSteps: Int
    private let configuration: DiffusionTrainingConfiguration
    private let schedule: LearningRateSchedule
    private let windowCount: Int
    private let pool: WorkerPool
    private let source: DiffusionBatchSource
    private let gradient: DiffusionGradient
    private let parameters: FloatBuffer
    private let optimizer: AdamW
    private let ema: EMA

    /// - Parameter seed: everything random in the training comes from its substreams.
    public init(
        name: String, _ network: DiffusionNetwork, _ configuration: DiffusionTrainingConfiguration,
        objective: TrainingObjective, set: DemonstrationSet, layout: WindowLayout, windows: [Window],
        normalizer: Normalizer, seed: Seed, pool: WorkerPool
    ) {
        self.name = name
        self.network = network
        self.normalizer = normalizer
        self.configuration = configuration
        self.pool = pool
        totalSteps = configuration.steps
        windowCount = windows.count
        schedule = .cosine(warmupSteps: configuration.warmupSteps, totalSteps: configuration.steps)
        source = DiffusionBatchSource(
            set: set, layout: layout, windows: windows, normalizer: normalizer, configuration: network.configuration,
            objective: objective, seed: seed, pool: pool)
        gradient = DiffusionGradient(network, batchSize: configuration.batchSize, pool: pool)
        parameters = network.store.makeInitialized(seed / "initial")
        optimizer = AdamW(configuration.optimizer, count: network.store.count)
        ema = EMA(parameters: parameters, power: configuration.emaPower, maximum: configuration.emaMaximum)
    }

    public var step: Int { optimizer.stepCount }
    /// The weights to sample with.
    public var average: FloatBuffer { ema.average }

    public func advance() throws -> TrainingMetrics {
        let batch = source.batch(step: step, size: configuration.batchSize)
        return try advance(on: batch)
    }

    /// One step on a given batch.
    func advance(on batch: DiffusionBatch) throws -> TrainingMetrics {
        let (loss, gradients) = gradient.run(batch, parameters: parameters)
        let norm = Gradients.norm(gradients)
        try requireFinite(loss: loss, gradientNorm: norm, gradients: gradients, store: network.store, step: step)
        if let maximum = configuration.gradientClip { Gradients.clip(gradients, norm: norm, to: maximum) }
        let factor = schedule.factor(at: step)
        optimizer.step(parameters: parameters, gradients: gradients, factor: factor, pool: pool)
        ema.update(parameters: parameters, pool: pool)
        return TrainingMetrics(
            step: step, epoch: Double(step * configuration.batchSize) / Double(windowCount), loss: loss,
            gradientNorm: norm, learningRate: configuration.optimizer.learningRate * factor)
    }

    public func state() -> TrainingState {
        let optimizerState = OptimizerState(store: network.store, parameters: parameters, optimizer: optimizer)
        return TrainingState(
            model: network.store.tensors(of: ema.average) + normalizer.tensors, optimizer: optimizerState.tensors(),
            counters: ["step": step, "ema_step": ema.stepCount])
    }

    public func restore(_ state: TrainingState, from location: String) throws {
        guard let step = state.counters["step"], let emaStep = state.counters["ema_step"] else {
            throw Failure(
                .data, "the checkpoint lacks its counters", at: location, expected: "step and ema_step",
                found: state.counters.keys.sorted().joined(separator: ", "))
        }
        let weights = state.model.filter { !$0.name.hasPrefix(Normalizer.tensorPrefix) }
        try network.store.load(
            Dictionary(weights.map { ($0.name, $0.tensor) }) { first, _ in first }, into: ema.average, from: location)
        try OptimizerState(store: network.store, parameters: parameters, optimizer: optimizer)
            .restore(state.optimizer, from: location)
        optimizer.stepCount = step
        ema.stepCount = emaStep
    }
}
