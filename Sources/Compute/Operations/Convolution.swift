/// Cross-correlation with channels last, in one or two dimensions (PyTorch `nn.Conv1d`, `nn.Conv2d`).
///
/// [B, H, W, I] or [B, T, I] -> [..., O]. Windows are read where they lie, from a copy of the input with a border of
/// zeros; a plain implementation to compare with is `ConvolutionReference`.
public struct ConvolutionOperation: Operation {
    public let name: String
    let weight: Parameter  // stored [O, (kH,) kW, I]
    let bias: Parameter?
    let stride: Int
    let padding: Int
    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    public init(weight: Parameter, bias: Parameter?, stride: Int, padding: Int) {
        precondition(weight.shape.count == 3 || weight.shape.count == 4, "\(weight.name) is \(weight.shape)")
        precondition(!weight.inputsFirst, "\(weight.name) belongs to a transposed convolution")
        name = weight.shape.count == 3 ? "conv1d" : "conv2d"
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    private var outputs: Int { weight.shape[0] }

    private func window(_ input: Shape) -> SlidingWindow {
        precondition(input.last == weight.shape[1], "\(weight.name) is \(weight.shape), input \(input)")
        precondition(input.rank == weight.shape.count, "\(weight.name) is \(weight.shape), input \(input)")
        return SlidingWindow(input: input, weight: weight.shape, stride: stride, padding: padding)
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        let window = window(inputs[0])
        return inputs[0].rank == 3
            ? [inputs[0][0], window.outputWidth, outputs]
            : [inputs[0][0], window.outputHeight, window.outputWidth, outputs]
    }

    public func preparation(_ inputs: [Shape]) -> AnyObject? { ConvolutionTables(window(inputs[0])) }
    public func scratchCount(_ inputs: [Shape]) -> Int { ConvolutionTables(window(inputs[0])).scratchCount }
    public func flops(_ inputs: [Shape]) -> Int { window(inputs[0]).flops }

    public func forward(_ step: ForwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.forwardPanels
        tables.forward.run(
            tables.bordered(step.input(0), tables.input, step.scratch), step.panels(weight), panels,
            range: step.member.share(of: panels.panelCount), into: step.output, bias: bias.map { step.parameter($0) })
    }

    public func backward(_ step: BackwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.adjointPanels
        tables.weightGradient.run(
            step.outputGradient, tables.bordered(step.input(0), tables.input, step.scratch),
            rows: step.member.share(of: outputs, grain: 8), into: step.parameterGradient(weight))
        if let bias { step.addColumnSums(to: bias) }
        if let gradient = step.inputGradient(0) {
            tables.adjoint.run(
                tables.bordered(step.outputGradient, tables.output, step.scratch), step.adjointPanels(weight), panels,
                range: step.member.share(of: panels.panelCount), into: gradient, adding: true)
        }
    }
}
