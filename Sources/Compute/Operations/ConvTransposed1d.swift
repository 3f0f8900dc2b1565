/// Transposed convolution of a sequence: [B, T, I] -> [B, (T - 1) s - 2 p + k, O] (PyTorch `nn.ConvTranspose1d`).
///
/// It is the adjoint of a convolution, so its patches are those of the OUTPUT: products are scattered to them.
public struct ConvTransposed1dOperation: Operation {
    public let name = "conv_transposed1d"
    let weight: Parameter  // stored [I, k, O]
    let bias: Parameter
    let stride: Int
    let padding: Int
    public var hasParameters: Bool { true }

    public init(weight: Parameter, bias: Parameter, stride: Int, padding: Int) {
        precondition(weight.shape.count == 3, "\(weight.name) is \(weight.shape)")
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    private var outputs: Int { weight.shape[1] }

    private func patches(_ output: Shape) -> Patches {
        Patches(
            batch: output[0], height: 1, width: output[1], channels: outputs, kernelHeight: 1,
            kernelWidth: weight.shape[2], strideY: 1, strideX: stride, paddingY: 0, paddingX: padding)
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(
            inputs[0].rank == 3 && inputs[0].last == weight.shape[0], "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return [inputs[0][0], (inputs[0][1] - 1) * stride - 2 * padding + weight.shape[2], outputs]
    }

    public func scratchCount(_ inputs: [Shape]) -> Int { inputs[0].rows * weight.shape[2] * outputs }

    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0].count * weight.shape[2] * outputs }

    public func forward(_ step: ForwardStep) {
        let patches = patches(step.outputShape)
        Matrix.multiply(
            step.input(0), step.parameter(weight), into: step.scratch, m: patches.rows, n: patches.columns,
            k: weight.shape[0])
        step.output.update(repeating: 0, count: step.outputShape.count)
        patches.scatterAdd(step.scratch, rows: 0..<patches.rows, to: step.output)
        Vector.addRow(step.parameter(bias), to: step.output, rows: step.outputShape.rows, width: outputs)
    }

    public func backward(_ step: BackwardStep) {
        let patches = patches(step.outputShape)
        patches.gather(step.outputGradient, rows: 0..<patches.rows, to: step.scratch)
        if let gradient = step.inputGradient(0) {
            Matrix.multiply(
                step.scratch, step.parameter(weight), transposeB: true, into: gradient, m: patches.rows,
                n: weight.shape[0], k: patches.columns, beta: 1)
        }
        Matrix.multiply(
            step.input(0), transposeA: true, step.scratch, into: step.parameterGradient(weight), m: weight.shape[0],
            n: patches.columns, k: patches.rows, beta: 1)
        Vector.addColumnSums(
            of: step.outputGradient, to: step.parameterGradient(bias), rows: step.outputShape.rows, width: outputs)
    }
}
