import Basics
import Demonstrations

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

    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
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
