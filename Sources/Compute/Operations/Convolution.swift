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
    public let backwardReads: BackwardReads = .inputs
    public let writesGradients = true

    public init(weight: Parameter, bias: Parameter?, stride: Int, padding: Int) {
        precondition(weight.shape.count == 3 || weight.shape.count == 4, "\(weight.name) is \(weight.shape)")
        precondition(
            weight.packing == .products
                || weight.packing == Self.packing(of: weight.shape, stride: stride, padding: padding),
            "\(weight.name) is packed for \(weight.packing)")
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

    /// How the weight of such a convolution is best packed.
    public static func packing(of weight: [Int], stride: Int, padding: Int) -> Parameter.Packing {
        WinogradConvolution.applies(to: weight, stride: stride, padding: padding) ? .winograd : .products
    }

    private var isWinograd: Bool { weight.packing == .winograd }

    public func preparation(_ inputs: [Shape]) -> (any Preparation)? {
        isWinograd ? WinogradConvolution(window(inputs[0])) : ConvolutionTables(window(inputs[0]))
    }

    /// Those of the definition, also where Winograd's filtering needs fewer.
    public func flops(_ inputs: [Shape]) -> Int { window(inputs[0]).flops }

    public func executedFlops(_ inputs: [Shape], _ made: (any Preparation)?) -> Int {
        switch made {
        case let winograd as WinogradConvolution: winograd.flops
        case let tables as ConvolutionTables: tables.forward.flops(columns: outputs)
        default: flops(inputs)
        }
    }

    public func forward(_ step: ForwardStep) {
        if isWinograd { return forwardWinograd(step) }
        let tables = step.preparation(ConvolutionTables.self), panels = weight.forwardPanels
        tables.forward.run(
            tables.bordered(step.input(0), tables.input, step.scratch), step.panels(weight), panels,
            range: step.part.range(of: panels.panelCount), into: step.output, bias: bias.map { step.parameter($0) })
    }

    public func backward(_ step: BackwardStep) {
        if let bias { step.addColumnSums(to: bias) }
        if isWinograd { return backwardWinograd(step) }
        let tables = step.preparation(ConvolutionTables.self), panels = weight.adjointPanels
        tables.addWeightGradient(
            step.outputGradient, tables.bordered(step.input(0), tables.input, step.scratch),
            rows: step.part.range(of: outputs, grain: 8), to: step.parameterGradient(weight), scratch: step.scratch)
        if let gradient = step.inputGradient(0) {
            tables.adjoint.run(
                tables.bordered(step.outputGradient, tables.output, step.scratch), step.adjointPanels(weight), panels,
                range: step.part.range(of: panels.panelCount), into: gradient, adding: step.adds(to: 0))
        }
    }

    /// Images run one to a worker, so that a team has nothing to share here.
    private func forwardWinograd(_ step: ForwardStep) {
        guard step.part.isFirst else { return }
        step.preparation(WinogradConvolution.self).forward(
            step.input(0), step.panels(weight), to: step.output, scratch: step.scratch)
        guard let bias else { return }
        Vector.addRow(step.parameter(bias), to: step.output, rows: step.outputShape.rows, width: outputs)
    }

    private func backwardWinograd(_ step: BackwardStep) {
        guard step.part.isFirst else { return }
        let winograd = step.preparation(WinogradConvolution.self)
        winograd.weightGradient(
            step.input(0), step.outputGradient, addingTo: step.parameterGradient(weight), scratch: step.scratch)
        if let gradient = step.inputGradient(0) {
            winograd.adjoint(
                step.outputGradient, step.adjointPanels(weight), to: gradient, adding: step.adds(to: 0),
                scratch: step.scratch)
        }
    }
}
