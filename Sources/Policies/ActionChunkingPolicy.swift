import Basics
import Compute
import Demonstrations
import Networks

/// ACT as a policy (Zhao et al. 2023, arXiv 2304.13705): the whole sequence in one pass of `ActionChunkingNetwork`, trained by
/// `TrainingObjective.absoluteRegression`. It has no style variable, which the published policy sets to zero in use, so that it
/// always answers the same. Without temporal ensembling: the sequence is carried out as every other policy's is.
public final class ActionChunkingPolicy: CountedPolicy, @unchecked Sendable {
    public let isStochastic = false
    private let network: ActionChunkingNetwork
    private let weights: Weights
    private let normalizer: Normalizer
    private let pool: WorkerPool
    private let encoders: [EncoderPlan]
    /// For one observation (a robot's query), and for many.
    private let answers: [ActionChunkingNetwork.AnswerPlan]
    private static let batchSizes = [1, 16]

    /// - Parameter parameters: the weights to answer with, usually the EMA, as they are now
    public init(network: ActionChunkingNetwork, parameters: FloatBuffer, normalizer: Normalizer, pool: WorkerPool) {
        self.network = network
        self.normalizer = normalizer
        self.pool = pool
        weights = Weights(network.store, parameters: parameters, forTraining: false, pool: pool)
        encoders = network.sizes.cameras.indices.map { network.encoderPlan(camera: $0, for: .inference) }
        answers = Self.batchSizes.map(network.answerPlan)
    }

    public var cost: QueryCost {
        let plans = encoders.map(\.plan) + [answers[0].plan]
        let flops = network.configuration.observationSteps * encoders.reduce(0) { $0 + $1.plan.flops } + answers[0].plan.flops
        return QueryCost(
            memoryBytes: weights.forwardBytes + plans.reduce(0) { $0 + $1.slabCount + $1.scratchCount } * MemoryLayout<Float>.stride,
            parameters: network.store.count, tableBytes: 0, macs: flops / 2, inferenceSteps: 1)
    }

    /// - Parameter seeds: not read
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let conditions = ObservationConditions(
            configuration: network.configuration, encoders: encoders, weights: weights, normalizer: normalizer, pool: pool, profile: nil
        ).encode(observations)
        let plan = answers.first { observations.count <= $0.condition.shape[0] } ?? answers[answers.count - 1]
        let batch = plan.condition.shape[0], width = network.configuration.condition, run = PlanRunner(plan.plan, pool: pool)
        let chunk = plan.actions.shape.count / batch
        var sequences: [[Prediction]] = []
        sequences.reserveCapacity(observations.count)
        for start in stride(from: 0, to: observations.count, by: batch) {
            // Rows past the last repeat it, so that every batch has the same size.
            for place in 0..<batch {
                let row = min(start + place, observations.count - 1)
                run[plan.condition, row: place].copy(from: conditions[row * width..<(row + 1) * width])
            }
            run.forward(weights)
            let actions = run.array(plan.actions)
            for place in 0..<min(batch, observations.count - start) {
                let values = normalizer.denormalizeActions(Array(actions[place * chunk..<(place + 1) * chunk]))
                sequences.append(Array(repeating: Prediction(actions: values), count: samples))
            }
        }
        return sequences
    }
}
