import Basics
import Compute
import Networks

/// The multilayer perceptron of He et al. 2025: (x, y, t) -> predicted noise, ReLU between layers.
///
/// t enters as (t + 1) / T. Parameters are named as in a PyTorch `Sequential`: 0, 2, 4, ...
public final class ManifoldNetwork: @unchecked Sendable {
    /// Hidden layers and their width.
    public struct Size: Sendable, Equatable {
        public var layers = 1
        public var width = 24

        public init() {}

        public init(layers: Int, width: Int) {
            precondition(layers > 0 && width > 0, "\(layers) layers of \(width)")
            self.layers = layers
            self.width = width
        }

        /// Weights and biases: 146 for 1 x 24, 9,452,546 for 10 x 1024.
        public var parameterCount: Int { 4 * width + (layers - 1) * width * (width + 1) + 2 * (width + 1) }
    }

    public let store = ParameterStore()
    private let layers: [Linear]

    public init(_ size: Size) {
        layers = (0...size.layers).map { [store] layer in
            Linear(
                store, "\(2 * layer)", inputs: layer == 0 ? 3 : size.width,
                outputs: layer == size.layers ? 2 : size.width)
        }
    }

    private func callAsFunction(_ x: Value) -> Value {
        layers.dropFirst().reduce(layers[0](x)) { $1($0.relu()) }
    }

    /// The network with its loss over a batch.
    struct TrainingPlan: @unchecked Sendable {
        let plan: Plan
        let input: Value  // [B, 3]
        let target: Value  // [B, 2], the noise
        let loss: Value  // [1], the mean squared error
    }

    func trainingPlan(batch: Int) -> TrainingPlan {
        let graph = Graph()
        let input = graph.input([batch, 3]), target = graph.input([batch, 2])
        let loss = graph.apply(MeanSquaredErrorOperation(), self(input), target)
        return TrainingPlan(plan: graph.plan(for: .training), input: input, target: target, loss: loss)
    }

    /// The network alone over a number of rows.
    struct PredictionPlan: @unchecked Sendable {
        let plan: Plan
        let input: Value  // [B, 3]
        let prediction: Value  // [B, 2]
    }

    func predictionPlan(rows: Int) -> PredictionPlan {
        let graph = Graph()
        let input = graph.input([rows, 3])
        let prediction = self(input)
        return PredictionPlan(plan: graph.plan(for: .inference), input: input, prediction: prediction)
    }
}

/// A trained network asked about points, all workers together.
final class ManifoldPrediction: @unchecked Sendable {
    private let network: ManifoldNetwork.PredictionPlan
    private let weights: Weights
    private let runner: PlanRunner
    private let diffusionSteps: Int

    init(_ network: ManifoldNetwork, parameters: FloatBuffer, rows: Int, diffusionSteps: Int, pool: WorkerPool) {
        self.network = network.predictionPlan(rows: rows)
        self.diffusionSteps = diffusionSteps
        weights = Weights(network.store, parameters: parameters, forTraining: false, pool: pool)
        runner = PlanRunner(self.network.plan, pool: pool)
    }

    /// The predicted noise at `noisy` [rows, 2]. [rows, 2]
    func noise(at noisy: [Float], step: Int) -> [Float] {
        let input = runner[network.input]
        precondition(noisy.count * 3 == input.count * 2, "\(noisy.count) coordinates for \(input.count / 3) rows")
        for row in 0..<noisy.count / 2 {
            input[3 * row] = noisy[2 * row]
            input[3 * row + 1] = noisy[2 * row + 1]
            input[3 * row + 2] = Float(step + 1) / Float(diffusionSteps)
        }
        runner.forward(weights)
        return runner.array(network.prediction)
    }
}

/// From pure noise to points of the plane.
struct ManifoldSampler {
    let process: any GenerativeProcess
    /// The network's answer at points [n, 2], step t. [n, 2]
    let answer: (_ noisy: [Float], _ step: Int) -> [Float]

    /// Points, and the way of the first ones from noise to their place.
    struct Samples {
        var points: [Float]  // [count, 2]
        var flowLines: [Float]  // [lines, T + 1, 2]
    }

    /// - Parameter check: called before every step
    func sample(_ count: Int, flowLines: Int, seed: Seed, check: () throws -> Void) rethrows -> Samples {
        func draw(_ step: Int) -> [Float] {
            var source = RandomSource(seed / step)
            return (0..<2 * count).map { _ in Float(source.normal()) }
        }
        let lines = min(flowLines, count), steps = process.timesteps
        var points = draw(process.levels)
        var path: [[Float]] = []
        try process.reverse(&points, noise: { draw(steps[$0]) }) { points, index in
            try check()
            path.append(Array(points.prefix(2 * lines)))
            return answer(points, steps[index])
        }
        path.append(Array(points.prefix(2 * lines)))
        let flow = (0..<lines).flatMap { line in path.flatMap { [$0[2 * line], $0[2 * line + 1]] } }
        return Samples(points: points, flowLines: flow)
    }
}
