/// Transposed convolution of a sequence: [B, T, I] -> [B, (T - 1) s - 2 p + k, O] (PyTorch `nn.ConvTranspose1d`).
///
/// It is the adjoint of the convolution from its OUTPUT to its input, and uses that convolution's products with the
/// roles of forward and input gradient exchanged.
public struct ConvTransposed1dOperation: Operation {
    public let name = "conv_transposed1d"
    let weight: Parameter  // stored [I, k, O]
    let bias: Parameter
    let stride: Int
    let padding: Int
    public var parameters: [Parameter] { [weight, bias] }
    public let backwardReads: BackwardReads = .inputs
    public let writesGradients = true

    public init(weight: Parameter, bias: Parameter, stride: Int, padding: Int) {
        precondition(weight.shape.count == 3, "\(weight.name) is \(weight.shape)")
        precondition(weight.packing == .transposedProducts, "\(weight.name) is packed for \(weight.packing)")
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    private func window(_ inputs: [Shape]) -> SlidingWindow {
        SlidingWindow(input: outputShape(inputs), weight: weight.shape, stride: stride, padding: padding)
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(
            inputs[0].rank == 3 && inputs[0].last == weight.shape[0], "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return [inputs[0][0], (inputs[0][1] - 1) * stride - 2 * padding + weight.shape[2], weight.shape[1]]
    }

    public func preparation(_ inputs: [Shape]) -> (any Preparation)? { ConvolutionTables(window(inputs)) }
    public func flops(_ inputs: [Shape]) -> Int { window(inputs).flops }

    public func forward(_ step: ForwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.forwardPanels
        tables.adjoint.run(
            tables.bordered(step.input(0), tables.output, step.scratch), step.panels(weight), panels,
            range: step.part.range(of: panels.panelCount), into: step.output, bias: step.parameter(bias))
    }

    public func backward(_ step: BackwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.adjointPanels
        let outputGradient = tables.bordered(step.outputGradient, tables.input, step.scratch)
        tables.addWeightGradient(
            step.input(0), outputGradient, rows: step.part.range(of: weight.shape[0], grain: 8),
            to: step.parameterGradient(weight), scratch: step.scratch)
        step.addColumnSums(to: bias)
        if let gradient = step.inputGradient(0) {
            tables.forward.run(
                outputGradient, step.adjointPanels(weight), panels,
                range: step.part.range(of: panels.panelCount), into: gradient, adding: step.adds(to: 0))
        }
    }
}
