/// y = x Wᵀ + b over the last axis: [..., I] -> [..., O]; W is [O, I] (PyTorch `nn.Linear`).
public struct LinearOperation: Operation {
    public let name = "linear"
    let weight: Parameter
    let bias: Parameter?
    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
    public let backwardReads: BackwardReads = .inputs
    public let writesGradients = true

    public init(weight: Parameter, bias: Parameter?) {
        self.weight = weight
        self.bias = bias
    }

    private var outputs: Int { weight.shape[0] }

    private func window(_ inputs: [Shape]) -> SlidingWindow {
        SlidingWindow(rows: inputs[0].rows, inputs: weight.shape[1], outputs: outputs)
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == weight.shape[1], "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return inputs[0].replacingLast(outputs)
    }

    public func preparation(_ inputs: [Shape]) -> (any Preparation)? { ConvolutionTables(window(inputs)) }
    public func flops(_ inputs: [Shape]) -> Int { window(inputs).flops }

    public func forward(_ step: ForwardStep) {
        let panels = weight.forwardPanels
        step.preparation(ConvolutionTables.self).forward.run(
            step.input(0), step.panels(weight), panels, range: step.member.share(of: panels.panelCount),
            into: step.output, bias: bias.map { step.parameter($0) })
    }

    public func backward(_ step: BackwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.adjointPanels
        tables.weightGradient.run(
            step.outputGradient, step.input(0), rows: step.member.share(of: outputs, grain: 8),
            into: step.parameterGradient(weight))
        if let bias { step.addColumnSums(to: bias) }
        if let gradient = step.inputGradient(0) {
            tables.adjoint.run(
                step.outputGradient, step.adjointPanels(weight), panels,
                range: step.member.share(of: panels.panelCount), into: gradient, adding: step.adds(to: 0))
        }
    }
}

extension BackwardStep {
    /// The gradient of a bias: the sums of the output gradient's columns.
    func addColumnSums(to bias: Parameter) {
        let share = member.share(of: outputShape.last, grain: 16), sum = parameterGradient(bias) + share.lowerBound
        for r in 0..<outputShape.rows {
            Vector.add(outputGradient + r * outputShape.last + share.lowerBound, to: sum, count: share.count)
        }
    }
}
