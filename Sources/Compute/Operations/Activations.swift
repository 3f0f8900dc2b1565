/// mish(x) = x tanh(softplus(x)), elementwise (Misra 2019; PyTorch `nn.Mish`).
public struct MishOperation: Operation {
    public let name = "mish"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }
    public func flops(_ inputs: [Shape]) -> Int { 10 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let x = step.input(0), y = step.output
        for i in step.member.share(of: step.outputShape.count, grain: 16) { y[i] = Vector.mish(x[i]) }
    }

    public func backward(_ step: BackwardStep) {
        guard let dx = step.inputGradient(0) else { return }
        let x = step.input(0), dy = step.outputGradient
        for i in step.member.share(of: step.outputShape.count, grain: 16) { dx[i] += dy[i] * Vector.mishDerivative(x[i]) }
    }
}

/// max(x, 0), elementwise; the derivative at 0 is 0, as in PyTorch.
public struct ReLUOperation: Operation {
    public let name = "relu"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }
    public func flops(_ inputs: [Shape]) -> Int { inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let x = step.input(0), y = step.output
        for i in step.member.share(of: step.outputShape.count, grain: 16) { y[i] = max(0, x[i]) }
    }

    public func backward(_ step: BackwardStep) {
        guard let dx = step.inputGradient(0) else { return }
        let x = step.input(0), dy = step.outputGradient
        for i in step.member.share(of: step.outputShape.count, grain: 16) { dx[i] += x[i] > 0 ? dy[i] : 0 }
    }
}
