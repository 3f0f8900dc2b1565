import Basics
import Compute
import Configuration
import Demonstrations
import Networks
import Safetensors

/// What the network of a `SequenceTrainer` learns to answer.
public enum TrainingObjective: Sendable {
    /// What a process asks for, given noisy actions at a level drawn for every sequence.
    case generative(any GenerativeProcess)
    /// The actions themselves, from zeros at timestep 0: behaviour cloning with the same network.
    case regression
    /// The same with the mean absolute error, which ACT is trained with: its best answer is a median and not a mean.
    case absoluteRegression

    var loss: TrainingLoss {
        switch self {
        case .generative, .regression: .squared
        case .absoluteRegression: .absolute
        }
    }
}

/// How a diffusion policy is trained: AdamW, cosine schedule with warm-up, exponential moving average. Defaults are
/// diffusion_policy's but for what makes a training short: fewer steps at a larger learning rate.
public struct DiffusionTrainingConfiguration: Equatable, Sendable {
    /// Optimiser steps.
    public var steps = 6000
    public var batchSize = 64
    public var learningRate = 2e-3
    /// Decay of AdamW's first and second moment.
    public var betas = [0.95, 0.999]
    public var weightDecay = 1e-6
    /// Steps over which the learning rate rises to its full value.
    public var warmupSteps = 200
    /// The average after n updates keeps 1 - (1 + n)^-power of its value, at most `emaMaximum`.
    public var emaPower = 0.75
    public var emaMaximum = 0.9999
    /// Largest global norm of the gradient; nil for no clipping.
    public var gradientClip: Double?
    /// Steps between checkpoints.
    public var checkpointEvery = 500
    /// Steps whose weights are kept and asked about too, so that the onset of memory shows (P12).
    public var auditedSteps = [500, 1500]

    public init() {}

    var optimizer: AdamW.Configuration {
        .init(
            learningRate: Float(learningRate), beta1: Float(betas[0]), beta2: Float(betas[1]), weightDecay: Float(weightDecay))
    }
}

extension DiffusionTrainingConfiguration: SettingsGroup {
    public static var fields: [SettingsField<DiffusionTrainingConfiguration>] {
        [
            SettingsField("steps", \.steps, .count(from: 1)),
            SettingsField("batch_size", \.batchSize, .within(1...65_536)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("betas", \.betas, Rule.between(0, below: 1).each(count: 2...2)),
            SettingsField("weight_decay", \.weightDecay, .atLeast(0)),
            SettingsField("warmup_steps", \.warmupSteps, .count(from: 0)),
            SettingsField("ema_power", \.emaPower, .above(0)),
            SettingsField("ema_maximum", \.emaMaximum, .between(0, below: 1)),
            SettingsField("gradient_clip", \.gradientClip, Rule.above(0).ifPresent),
            SettingsField("checkpoint_every", \.checkpointEvery, .count(from: 1)),
            SettingsField("audited_steps", \.auditedSteps, Rule.count(from: 1).each(count: 0...32)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard auditedSteps != auditedSteps.sorted() || Set(auditedSteps).count != auditedSteps.count || (auditedSteps.last ?? 0) >= steps
        else { return }
        throw origins.violation(
            path, "audited_steps", expected: "ascending numbers below steps = \(steps)", found: auditedSteps.shown)
    }
}

/// Trains the network of a diffusion policy.
public typealias DiffusionTrainer = SequenceTrainer<DiffusionNetwork>

/// Trains a network from observations to action sequences on windows of demonstrations.
///
/// Padded steps count in the loss, as in diffusion_policy. The loss uses the raw weights, sampling the EMA.
public final class SequenceTrainer<Network: SequenceNetwork>: Trainer {
    public let name: String
    public let network: Network
    public let normalizer: Normalizer
    public let totalSteps: Int
    private let configuration: DiffusionTrainingConfiguration
    private let schedule: LearningRateSchedule
    private let windowCount: Int
    private let pool: WorkerPool
    private let source: DiffusionBatchSource
    private let heldout: HeldoutBatches<Window>
    private let gradient: DiffusionGradient
    private let parameters: FloatBuffer
    private let optimizer: AdamW
    private let ema: EMA

    /// - Parameters:
    ///   - heldout: windows of demonstrations that are not learned from, for `heldoutLoss`.
    ///   - seed: everything random in the training comes from its substreams.
    public init(
        name: String, _ network: Network, _ configuration: DiffusionTrainingConfiguration,
        objective: TrainingObjective, set: DemonstrationSet, layout: WindowLayout, windows: [Window], heldout: [Window] = [],
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
        self.heldout = HeldoutBatches(heldout, size: configuration.batchSize, seed: seed / "heldout order")
        gradient = DiffusionGradient(network, batchSize: configuration.batchSize, loss: objective.loss, pool: pool)
        parameters = network.store.makeInitialized(seed / "initial")
        optimizer = AdamW(configuration.optimizer, count: network.store.count)
        ema = EMA(parameters: parameters, power: configuration.emaPower, maximum: configuration.emaMaximum)
    }

    public var step: Int { optimizer.stepCount }
    public var parameterCount: Int { network.store.count }
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
        if let maximum = configuration.gradientClip { Gradients.clip(gradients, norm: norm, to: Float(maximum)) }
        let factor = schedule.factor(at: step)
        optimizer.step(parameters: parameters, gradients: gradients, factor: factor, pool: pool)
        ema.update(parameters: parameters, pool: pool)
        return TrainingMetrics(
            step: step, epoch: Double(step * configuration.batchSize) / Double(windowCount), loss: loss,
            gradientNorm: norm, learningRate: optimizer.configuration.learningRate * factor)
    }

    /// Of the raw weights, as the training loss is and diffusion_policy's `val_loss`; crops are centred.
    public func heldoutLoss() -> Float? {
        heldout.mean { gradient.loss(source.heldoutBatch($0, number: $1), parameters: parameters) }
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
