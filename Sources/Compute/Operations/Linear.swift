/// y = x Wᵀ + b over the last axis: [..., I] -> [..., O]; W is [O, I] (PyTorch `nn.Linear`).
public struct LinearOperation: Operation {
    public let name = "linear"
    let weight: Parameter
    let bias: Parameter?
    public var hasParameters: Bool { true }

    public init(weight: Parameter, bias: Parameter?) {
        self.weight = weight
        self.bias = bias
    }

    private var outputs: Int { weight.shape[0] }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == weight.shape[1], "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return inputs[0].replacingLast(outputs)
    }

    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0].count * outputs }

    public func forward(_ step: ForwardStep) {
        let rows = step.outputShape.rows
        Matrix.multiply(
            step.input(0), step.parameter(weight), transposeB: true, into: step.output, m: rows, n: outputs,
            k: weight.shape[1])
        if let bias { Vector.addRow(step.parameter(bias), to: step.output, rows: rows, width: outputs) }
    }

    public func backward(_ step: BackwardStep) {
        let rows = step.outputShape.rows, inputs = weight.shape[1]
        if let gradient = step.inputGradient(0) {
            Matrix.multiply(
                step.outputGradient, step.parameter(weight), into: gradient, m: rows, n: inputs, k: outputs, beta: 1)
        }
        Matrix.multiply(
            step.outputGradient, transposeA: true, step.input(0), into: step.parameterGradient(weight), m: outputs,
            n: inputs, k: rows, beta: 1)
        if let bias {
            Vector.addColumnSums(of: step.outputGradient, to: step.parameterGradient(bias), rows: rows, width: outputs)
        }
    }
}
