import Basics
import Compute

/// A random network of [3, 20] values: every step reads one or two earlier values, so that values have any number of
/// readers, near and far.
struct RandomNetwork {
    private struct Layer {
        let operation: any Operation
        /// 0 and 1 are the inputs of the network, i + 2 is the output of layer i.
        let reads: [Int]
    }

    static let shape: Shape = [3, 20]
    let store = ParameterStore()
    private var layers: [Layer] = []
    var layerCount: Int { layers.count }

    init(_ seed: Seed, layers count: Int) {
        var source = RandomSource(seed)
        for index in 0..<count {
            let first = source.index(below: index + 2), second = source.index(below: index + 2)
            let layer =
                switch source.index(below: 7) {
                case 0: Layer(operation: MishOperation(), reads: [first])
                case 1: Layer(operation: ReLUOperation(), reads: [first])
                case 2: Layer(operation: L2NormalizeOperation(), reads: [first])
                case 3: Layer(operation: AddOperation(), reads: [first, second])
                case 4: Layer(operation: AddOperation(rectified: true), reads: [first, second])
                case 5: Layer(operation: linear(index), reads: [first])
                default: Layer(operation: norm(index), reads: [first])
                }
            layers.append(layer)
        }
        // Whatever nobody reads so far is added up, so that the network has one output.
        let read = Set(layers.flatMap(\.reads))
        var sum = count + 1
        for value in (2...count).reversed() where !read.contains(value) {
            layers.append(Layer(operation: AddOperation(), reads: [value, sum]))
            sum = layers.count + 1
        }
    }

    private func linear(_ index: Int) -> LinearOperation {
        LinearOperation(
            weight: store.add("\(index).weight", [20, 20], .constant(0)), bias: store.add("\(index).bias", [20], .constant(0)))
    }

    private func norm(_ index: Int) -> GroupNormOperation {
        GroupNormOperation(
            weight: store.add("\(index).weight", [20], .constant(0)), bias: store.add("\(index).bias", [20], .constant(0)),
            groupCount: 2, activation: .mish)
    }

    /// The network as one plan.
    func run(_ purpose: Graph.Purpose) -> PlanRun {
        let graph = Graph()
        let inputs = [graph.input(Self.shape, needsGradient: true), graph.input(Self.shape, needsGradient: true)]
        var values = inputs
        for layer in layers { values.append(Self.apply(layer.operation, layer.reads.map { values[$0] })) }
        return PlanRun(plan: graph.plan(for: purpose), inputs: inputs, output: values[values.count - 1], store: store)
    }

    /// The same, each layer in memory of its own: what sharing memory must not change.
    func layerByLayer(_ numbers: [[Float]], _ weights: Weights, upstream: [Float]) -> PlanRun.Result {
        let plans = layers.map { layer in
            let graph = Graph(), reads = Array(Set(layer.reads)).sorted()
            let inputs = reads.map { _ in graph.input(Self.shape, needsGradient: true) }
            let arguments = layer.reads.map { read in inputs[reads.firstIndex(of: read) ?? 0] }
            let output = Self.apply(layer.operation, arguments)
            return (plan: graph.plan(), reads: reads, inputs: inputs, output: output)
        }
        var values = numbers, runners: [PlanRunner] = []
        for (plan, reads, inputs, output) in plans {
            let runner = PlanRunner(plan)
            for (read, input) in zip(reads, inputs) { runner.set(input, values[read]) }
            runner.forward(weights)
            runners.append(runner)
            values.append(runner.array(output))
        }
        var gradients = values.map { _ in [Float](repeating: 0, count: Self.shape.count) }
        gradients[values.count - 1] = upstream
        let parameterGradients = store.makeBuffer()
        for (index, (_, reads, inputs, output)) in plans.enumerated().reversed() {
            let runner = runners[index]
            runner.gradient(of: output).copy(from: gradients[index + 2])
            for (read, input) in zip(reads, inputs) { runner.gradient(of: input).copy(from: gradients[read]) }
            runner.backward(weights, addingTo: parameterGradients)
            for (read, input) in zip(reads, inputs) { gradients[read] = runner.gradient(of: input).array }
        }
        return .init(
            output: values[values.count - 1], inputGradients: [gradients[0], gradients[1]],
            parameterGradients: parameterGradients.array)
    }

    private static func apply(_ operation: any Operation, _ inputs: [Value]) -> Value {
        inputs.count == 1
            ? inputs[0].graph.apply(operation, inputs[0]) : inputs[0].graph.apply(operation, inputs[0], inputs[1])
    }
}
