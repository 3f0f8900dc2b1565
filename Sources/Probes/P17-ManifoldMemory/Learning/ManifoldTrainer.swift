import Basics
import Compute
import Networks
import Safetensors

/// How one network is trained.
public struct ManifoldTraining: Sendable, Equatable {
    public var steps: Int
    public var batchSize: Int
    public var learningRate: Double

    public init(steps: Int, batchSize: Int, learningRate: Double) {
        self.steps = steps
        self.batchSize = batchSize
        self.learningRate = learningRate
    }
}

/// Trains a process's network on points of the plane: Adam, learning rate down half a cosine.
///
/// Batch n depends on the seed and n alone; results are bit-identical for any number of workers.
final class ManifoldTrainer {
    private static let lossWindow = 100
    let parameters: FloatBuffer
    private let network: ManifoldNetwork
    private let training: ManifoldTraining
    private let process: any GenerativeProcess
    private let points: [Float]
    private let seed: Seed
    private let pool: WorkerPool
    private let plan: ManifoldNetwork.TrainingPlan
    private let runner: PlanRunner
    private let gradients: FloatBuffer
    private let optimizer: AdamW
    private let learningRate: LearningRateSchedule
    private var weights: Weights?
    /// Losses of the last steps, oldest first.
    private var losses: [Float] = []

    /// - Parameter points: [n, 2]
    init(
        _ network: ManifoldNetwork, _ training: ManifoldTraining, process: any GenerativeProcess, points: [Float],
        seed: Seed, pool: WorkerPool
    ) {
        self.network = network
        self.training = training
        self.process = process
        self.points = points
        self.seed = seed
        self.pool = pool
        plan = network.trainingPlan(batch: training.batchSize)
        runner = PlanRunner(plan.plan, pool: pool)
        gradients = network.store.makeBuffer()
        parameters = network.store.makeInitialized(seed / "initial")
        optimizer = AdamW(.init(learningRate: Float(training.learningRate)), count: network.store.count)
        learningRate = .cosine(warmupSteps: 0, totalSteps: training.steps)
    }

    var step: Int { optimizer.stepCount }
    var isFinished: Bool { step >= training.steps }
    /// Mean over the last 100 steps.
    var loss: Double { losses.reduce(0) { $0 + Double($1) } / Double(max(1, losses.count)) }

    /// One step.
    /// - Throws: `Failure` (`diverged`) when the loss is not finite; the parameters are unchanged.
    func advance() throws {
        fillBatch()
        let loss = gradient()
        guard loss.isFinite else {
            throw Failure(
                .diverged, "the training on a manifold diverged", at: "step \(step + 1)", expected: "a finite loss",
                found: "\(loss)", remedy: "lower its learning rate")
        }
        losses = losses.suffix(Self.lossWindow - 1) + [loss]
        optimizer.step(
            parameters: parameters, gradients: gradients, factor: learningRate.factor(at: step), pool: pool)
    }

    /// Loss of the batch in the plan's memory; its gradient is then in `gradients`.
    private func gradient() -> Float {
        let weights = Weights.packed(parameters, of: network.store, reusing: weights, pool: pool)
        self.weights = weights
        gradients.clear(pool)
        return runner.trainingPass(weights, loss: plan.loss, addingTo: gradients)
    }

    /// Training points and steps drawn uniformly, with their noise.
    private func fillBatch() {
        var source = RandomSource(seed / "batch" / step)
        let input = runner[plan.input], target = runner[plan.target]
        for row in 0..<training.batchSize {
            let point = source.index(below: points.count / 2), step = source.index(below: process.levels)
            for axis in 0..<2 {
                let noise = Float(source.normal()), clean = points[2 * point + axis]
                target[2 * row + axis] = process.target(clean: clean, noise: noise, at: step)
                input[3 * row + axis] = process.noised(clean, noise: noise, at: step)
            }
            input[3 * row + 2] = Float(step + 1) / Float(process.levels)
        }
    }

    private var buffers: [(prefix: String, buffer: FloatBuffer)] {
        [("raw.", parameters), ("first_moment.", optimizer.firstMoment), ("second_moment.", optimizer.secondMoment)]
    }

    /// All that going on exactly from here needs.
    func state() -> [(name: String, tensor: Tensor)] {
        buffers.flatMap { prefix, buffer in
            network.store.tensors(of: buffer).map { (prefix + $0.name, $0.tensor) }
        } + [
            ("losses", Tensor(shape: [losses.count], values: losses)),
            ("step", Tensor(Float(step))),
        ]
    }

    /// - Throws: `Failure` when the file is not of this training.
    func restore(_ file: SafetensorsFile) throws {
        for (prefix, buffer) in buffers {
            let part = file.tensors.filter { $0.key.hasPrefix(prefix) }
            try network.store.load(
                Dictionary(uniqueKeysWithValues: part.map { (String($0.key.dropFirst(prefix.count)), $0.value) }),
                into: buffer, from: file.path)
        }
        losses = try file.tensor("losses").values
        optimizer.stepCount = Int(try file.tensor("step", shape: []).values[0])
    }

    /// Loss and gradient at a step's batch, for comparison with differences of the loss.
    func lossAndGradient() -> (loss: Float, gradient: [Float]) {
        fillBatch()
        return (gradient(), gradients.array)
    }
}
