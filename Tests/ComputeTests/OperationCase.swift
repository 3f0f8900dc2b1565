import Compute
import Safetensors
import TestSupport
import Testing

/// One row of the table of operations: how a graph with the operation is built from values and parameters.
///
/// The sizes are not part of a row. Tests take them from the goldens; a benchmark may take larger ones.
struct OperationCase: Sendable, CustomTestStringConvertible {
    /// Where a central difference is taken: a kink closer than the step spoils it, rounding spoils a small step.
    enum Smoothness: Float, Sendable {
        case smooth = 0.015625
        case kinked = 0.0001220703125
    }

    /// The case in `goldens/operations.safetensors`.
    let name: String
    /// The tensors of each input; several are joined along the first axis.
    var inputs = [["input"]]
    var parameters: [String] = []
    var packing = Parameter.Packing.products
    /// Largest difference from the golden, see `Difference.elementwise`: a few roundings of float32.
    var tolerance: Float = 2e-6
    var smoothness = Smoothness.smooth
    /// False where no gradient flows.
    var isDifferentiable = true
    let build: @Sendable (_ inputs: [Value], _ parameters: [Parameter]) -> Value

    var testDescription: String { name }
}

/// A case's graph with the goldens' sizes and numbers.
final class OperationRun {
    let plan: Plan
    let inputs: [Value]
    let output: Value
    let store: ParameterStore
    let parameters: FloatBuffer
    /// The goldens' numbers in our layout.
    let inputValues: [[Float]]
    let upstream: [Float]
    let expectedOutput: [Float]
    let expectedInputGradients: [[Float]]
    let expectedParameterGradients: FloatBuffer

    init(_ row: OperationCase) throws {
        let path = SharedData.fixture("goldens/operations.safetensors")
        let file = try Safetensors.read(path)
        let store = ParameterStore()
        self.store = store
        func tensor(_ suffix: String) throws -> Tensor { try file.tensor("\(row.name)/\(suffix)") }
        func joined(_ names: [String], _ suffix: String) throws -> (shape: [Int], values: [Float]) {
            let parts = try names.map { try tensor($0 + suffix) }
            var shape = ChannelsLast.shape(parts[0].shape)
            shape[0] *= parts.count
            return (shape, parts.flatMap { ChannelsLast.values($0.values, shape: $0.shape) })
        }
        func stored(_ suffix: String) throws -> FloatBuffer {
            let buffer = store.makeBuffer()
            let tensors = try row.parameters.map { ($0, try tensor($0 + suffix)) }
            try store.load(Dictionary(uniqueKeysWithValues: tensors), into: buffer, from: path)
            return buffer
        }
        let graph = Graph()
        let numbers = try row.inputs.map { try joined($0, "") }
        inputs = numbers.map { graph.input(Shape($0.shape), needsGradient: row.isDifferentiable) }
        inputValues = numbers.map(\.values)
        let declared = try row.parameters.map {
            store.add($0, try tensor($0).shape, .constant(0), packing: row.packing)
        }
        output = row.build(inputs, declared)
        plan = graph.plan()
        parameters = try stored("")
        let result = try tensor("output")
        expectedOutput = ChannelsLast.values(result.values, shape: result.shape)
        guard row.isDifferentiable else {
            (upstream, expectedInputGradients, expectedParameterGradients) = ([], [], store.makeBuffer())
            return
        }
        let arriving = try tensor("upstream")
        upstream = ChannelsLast.values(arriving.values, shape: arriving.shape)
        expectedInputGradients = try row.inputs.map { try joined($0, ".gradient").values }
        expectedParameterGradients = try stored(".gradient")
    }

    /// A plan's memory after a forward run.
    /// - Parameters:
    ///   - inputs: numbers of each input; nil for the goldens'
    ///   - poisoned: fill all memory with NaN first
    func forward(_ inputs: [[Float]]? = nil, parameters: FloatBuffer? = nil, poisoned: Bool = false) -> PlanRunner {
        let runner = PlanRunner(plan, poisoned: poisoned)
        for (value, numbers) in zip(self.inputs, inputs ?? inputValues) { runner.set(value, numbers) }
        runner.forward(weights(parameters ?? self.parameters))
        return runner
    }

    /// Gradients of Σ upstream · output.
    /// - Parameters:
    ///   - start: what the gradients of inputs and parameters hold before
    ///   - parameterGradients: added to
    func backward(_ runner: PlanRunner, start: Float = 0, into parameterGradients: FloatBuffer) -> [[Float]] {
        for input in inputs { runner.gradient(of: input).fill(start) }
        runner.gradient(of: output).copy(from: upstream)
        runner.backward(weights(parameters), addingTo: parameterGradients)
        return inputs.map { runner.gradient(of: $0).array }
    }

    private func weights(_ parameters: FloatBuffer) -> Weights {
        Weights(store, parameters: parameters, forTraining: true)
    }
}
