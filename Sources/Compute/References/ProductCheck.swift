import Basics

/// Compares the product kernels of a plan (convolutions, their adjoints, linear layers) with `ConvolutionReference`, on
/// random numbers in the plan's own shapes: outputs and every gradient.
public enum ProductCheck {
    /// What one kernel gives against its definition.
    public struct Result: Sendable {
        /// For instance "conv2d [1, 38, 38, 16] with [16, 16, 3, 3]".
        public let kernel: String
        /// Largest difference over the largest entry expected, of outputs and gradients.
        public let error: Float
    }

    /// One result for each different product of the plan.
    public static func results(of plan: Plan, seed: Seed) -> [Result] {
        var seen: Set<String> = []
        return plan.steps.compactMap { step in
            guard let subject = Subject(step), seen.insert(subject.kernel).inserted else { return nil }
            return Result(kernel: subject.kernel, error: subject.error(seed / subject.kernel))
        }
    }

    private struct Subject {
        let kernel: String
        private let input: Shape
        private let weight: Parameter
        private let reference: ConvolutionReference
        private let operation: @Sendable (_ weight: Parameter, _ bias: Parameter) -> any Operation
        private var isTransposed: Bool { weight.packing == .transposedProducts }
        private var outputs: Int { weight.shape[isTransposed ? 1 : 0] }

        init?(_ step: Plan.Step) {
            input = step.inputShapes[0]
            switch step.operation {
            case let o as ConvolutionOperation:
                weight = o.weight
                reference = ConvolutionReference(
                    input: input, weight: weight.shape, stride: o.stride, padding: o.padding)
                operation = { ConvolutionOperation(weight: $0, bias: $1, stride: o.stride, padding: o.padding) }
            case let o as ConvTransposed1dOperation:
                weight = o.weight
                reference = ConvolutionReference(
                    input: step.outputShape, weight: weight.shape, stride: o.stride, padding: o.padding)
                operation = { ConvTransposed1dOperation(weight: $0, bias: $1, stride: o.stride, padding: o.padding) }
            case let o as LinearOperation:
                weight = o.weight
                reference = ConvolutionReference(
                    input: [input.rows, 1, input.last], weight: weight.shape + [1], stride: 1, padding: 0)
                operation = { LinearOperation(weight: $0, bias: $1) }
            default: return nil
            }
            kernel = "\(step.operation.name) \(input) with \(weight.shape)"
        }

        func error(_ seed: Seed) -> Float {
            let store = ParameterStore(), graph = Graph()
            let weight = store.add("weight", weight.shape, .constant(0), packing: weight.packing)
            let bias = store.add("bias", [outputs], .constant(0))
            let x = graph.input(input, needsGradient: true), y = graph.apply(operation(weight, bias), x)
            var source = RandomSource(seed)
            func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(source.normal()) } }
            let values = draw(store.count), inputs = draw(input.count), upstream = draw(y.shape.count)
            let runner = PlanRunner(graph.plan()), parameterGradients = store.makeBuffer()
            let weights = Weights(store, parameters: FloatBuffer(values), forTraining: true)
            runner.set(x, inputs)
            runner.forward(weights)
            runner.gradient(of: y).copy(from: upstream)
            runner.backward(weights, addingTo: parameterGradients)
            let dx = runner.gradient(of: x).array, dw = parameterGradients[0..<weight.count].array
            let kernel = Array(values[..<weight.count]), offsets = Array(values[weight.count...])
            let expected = expected(inputs, kernel, offsets, upstream)
            return max(
                Self.difference(runner.array(y), expected.output), Self.difference(dx, expected.input),
                Self.difference(dw, expected.weight))
        }

        private func expected(
            _ x: [Float], _ weight: [Float], _ bias: [Float], _ dy: [Float]
        ) -> (output: [Float], input: [Float], weight: [Float]) {
            if isTransposed {
                let output = reference.inputGradient(outputGradient: x, weight: weight)
                return (
                    output.enumerated().map { $1 + bias[$0 % outputs] }, reference.output(input: dy, weight: weight),
                    reference.weightGradient(input: dy, outputGradient: x)
                )
            }
            return (
                reference.output(input: x, weight: weight, bias: bias),
                reference.inputGradient(outputGradient: dy, weight: weight),
                reference.weightGradient(input: x, outputGradient: dy)
            )
        }

        private static func difference(_ actual: [Float], _ expected: [Float]) -> Float {
            let largest = expected.reduce(0) { max($0, abs($1)) }
            return zip(actual, expected).reduce(0) { max($0, ($1.0 - $1.1).isNaN ? .infinity : abs($1.0 - $1.1)) } / largest
        }
    }
}
