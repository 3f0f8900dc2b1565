import Basics
import Compute
import Demonstrations
import Networks

/// Samples action sequences by a generative process, conditioned on the encoded observation history (Chi et al. 2023).
public final class DiffusionPolicy: CountedPolicy, @unchecked Sendable {
    public let isStochastic = true
    public let configuration: DiffusionNetworkConfiguration
    let weights: Weights
    /// Between raw values and the units of `evaluate`.
    public let normalizer: Normalizer
    /// What the network was trained for, and the steps back that it takes.
    public let process: any GenerativeProcess
    /// Of each camera; empty where the centre of every image is shown in [-1, 1].
    private let pictures: [PicturePreparation]
    let pool: WorkerPool
    let profile: OperationProfile?
    private let encoders: [EncoderPlan]
    private let conditioning: DiffusionNetwork.ConditioningPlan
    /// U-Net plans for one sample (a robot's query), a few, and many.
    let denoisers: [DiffusionNetwork.DenoiserPlan]
    /// Step and observation of each row of the largest denoiser, for single evaluations of the network.
    let rowConditioning: DiffusionNetwork.ConditioningPlan
    public let parameterCount: Int
    private static let batchSizes = [1, 8, 64]

    /// - Parameters:
    ///   - parameters: the weights to sample with, usually the EMA, as they are now
    ///   - process: what the network was trained for, and how many steps back it takes
    ///   - pictures: how each camera's images are prepared; empty for how networks are trained here
    ///   - profile: where to add up the times of the operations
    public init(
        network: DiffusionNetwork, parameters: FloatBuffer, normalizer: Normalizer,
        process: any GenerativeProcess, pictures: [PicturePreparation] = [], pool: WorkerPool, profile: OperationProfile? = nil
    ) {
        precondition(
            pictures.isEmpty || pictures.count == network.configuration.cameras.count,
            "\(pictures.count) preparations for \(network.configuration.cameras.count) cameras")
        precondition(
            pictures.allSatisfy { $0.extent == network.configuration.image }, "pictures are not of \(network.configuration.image)")
        self.pictures = pictures
        configuration = network.configuration
        parameterCount = network.store.count
        weights = Weights(network.store, parameters: parameters, forTraining: false, pool: pool)
        self.normalizer = normalizer
        self.process = process
        self.pool = pool
        self.profile = profile
        encoders = network.encoderPlans(for: .inference)
        conditioning = network.conditioningPlan(batch: process.timesteps.count)
        denoisers = Self.batchSizes.map(network.denoiserPlan)
        rowConditioning = network.conditioningPlan(batch: Self.batchSizes[Self.batchSizes.count - 1])
    }

    /// The same policy with weights that no training has touched, drawn as PyTorch draws them.
    public func untrained(_ seed: Seed) -> DiffusionPolicy {
        let network = DiffusionNetwork(configuration)
        return DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(seed), normalizer: normalizer, process: process, pictures: pictures, pool: pool)
    }

    /// Multiplications and additions of one query with this process.
    public var flops: Int {
        encoderFlops + conditioning.plan.flops + process.timesteps.count * denoisers[0].plan.flops
    }

    /// Of encoding one observation.
    var encoderFlops: Int { configuration.observationSteps * encoders.reduce(0) { $0 + $1.plan.flops } }

    /// Bytes a single query works with: parameters as the kernels read them, activations of the encoders and the U-Net,
    /// modulations of all steps.
    public var memoryBytes: Int {
        let plans = encoders.map(\.plan) + [conditioning.plan, denoisers[0].plan]
        return weights.forwardBytes + plans.reduce(0) { $0 + $1.slabCount + $1.scratchCount } * MemoryLayout<Float>.stride
    }

    public var cost: QueryCost {
        QueryCost(
            memoryBytes: memoryBytes, parameters: parameterCount, tableBytes: 0, macs: flops / 2,
            inferenceSteps: process.timesteps.count)
    }

    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        try check(observations)
        let conditions = encode(observations)
        let rows = observations.count * samples
        let chunk = configuration.horizon * configuration.actionDimension
        let denoiser = denoisers.first { rows <= $0.sample.shape[0] } ?? denoisers[denoisers.count - 1]
        let batch = denoiser.sample.shape[0]
        var actions: [Float] = []
        actions.reserveCapacity((rows + batch - 1) / batch * batch * chunk)
        let reverse = ReverseProcess(
            conditioning: conditioning, denoiser: denoiser, weights: weights, process: process, pool: pool,
            profile: profile)
        for start in stride(from: 0, to: rows, by: batch) {
            // Rows past the last repeat it, so that every batch has the same size.
            let batchRows = (start..<start + batch).map { min($0, rows - 1) }
            actions += reverse.run(
                conditions: conditions, rows: batchRows.map { $0 / samples },
                sources: batchRows.map { RandomSource(seeds[$0 / samples] / ($0 % samples)) })
        }
        return observations.indices.map { observation in
            (0..<samples).map { sample in
                let start = (observation * samples + sample) * chunk
                return Prediction(actions: normalizer.denormalizeActions(Array(actions[start..<start + chunk])))
            }
        }
    }

    /// Pictures of other sides than a policy from elsewhere was trained on come from files.
    private func check(_ observations: [Observation]) throws {
        guard !pictures.isEmpty else { return }
        for images in observations.lazy.flatMap(\.images) {
            for (camera, image) in images.enumerated() where !pictures[camera].accepts(width: image.width, height: image.height) {
                throw Failure(
                    .data, "a picture is too small for the policy", at: configuration.cameras[camera], expected: "\(configuration.image) or more",
                    found: "\(image.height) x \(image.width)", remedy: "ask with pictures of the size that the policy was trained on")
            }
        }
    }

    /// The global conditions [observations, G] of prepared images and normalised low-dim values: step by step the cameras'
    /// features, then the low-dim values.
    public func encode(_ observations: [Observation]) -> FloatBuffer {
        ObservationConditions(
            configuration: configuration, encoders: encoders, pictures: pictures, weights: weights, normalizer: normalizer, pool: pool, profile: profile
        ).encode(observations)
    }
}

extension DiffusionPolicy {
    /// The network's answer itself, without a way back: one pass for every row.
    /// - Parameters:
    ///   - noisy: normalised actions [n, T, A]
    ///   - timesteps: [n]
    ///   - conditions: as `encode` gives them, [observations, G]
    ///   - rows: the observation each row is conditioned on, [n]
    /// - Returns: [n, T, A], what the network was trained to answer (see `GenerativeProcess.target`, `TrainingObjective`)
    public func evaluate(noisy: [Float], timesteps: [Int], conditions: FloatBuffer, rows: [Int]) -> [Float] {
        precondition(timesteps.count == rows.count, "\(timesteps.count) timesteps for \(rows.count) rows")
        let denoiser = denoisers[denoisers.count - 1], conditioning = rowConditioning
        let batch = denoiser.sample.shape[0], width = denoiser.sample.shape.count / batch
        let features = conditioning.condition.shape.last
        precondition(noisy.count == rows.count * width, "\(noisy.count) values for \(rows.count) rows of \(width)")
        let modulation = PlanRunner(conditioning.plan, pool: pool), main = PlanRunner(denoiser.plan, pool: pool)
        var answers: [Float] = []
        answers.reserveCapacity(noisy.count)
        for start in stride(from: 0, to: rows.count, by: batch) {
            // Rows past the last repeat it, so that every batch has the same size.
            let chosen = (start..<start + batch).map { min($0, rows.count - 1) }
            for (place, row) in chosen.enumerated() {
                modulation[conditioning.step][place] = Float(timesteps[row])
                let start = rows[row] * features
                modulation[conditioning.condition, row: place].copy(from: conditions[start..<start + features])
                main[denoiser.sample, row: place].copy(from: noisy, at: row * width)
            }
            modulation.forward(weights)
            for (source, target) in zip(conditioning.modulations, denoiser.modulations) {
                main[target].copy(from: modulation[source])
            }
            main.forward(weights)
            answers += main[denoiser.prediction][0..<min(batch, rows.count - start) * width].array
        }
        return answers
    }
}

/// Behaviour cloning by regression: the diffusion policy's network trained to answer the actions in one pass, from
/// zeros at timestep 0, with the mean squared error.
///
/// It answers the mean of what may follow an observation, so it cannot choose between memories.
public struct RegressionPolicy: Policy {
    public let isStochastic = false
    private let network: DiffusionPolicy

    /// - Parameter network: with the weights of a training whose objective was `regression`; its process is not used.
    public init(network: DiffusionPolicy) {
        self.network = network
    }

    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let width = network.configuration.horizon * network.configuration.actionDimension
        let actions = network.evaluate(
            noisy: [Float](repeating: 0, count: observations.count * width),
            timesteps: [Int](repeating: 0, count: observations.count), conditions: network.encode(observations),
            rows: Array(observations.indices))
        return observations.indices.map { row in
            let values = network.normalizer.denormalizeActions(Array(actions[row * width..<(row + 1) * width]))
            return Array(repeating: Prediction(actions: values), count: samples)
        }
    }
}
