import Foundation

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
            step.input(0), step.panels(weight), panels, range: step.part.range(of: panels.panelCount),
            into: step.output, bias: bias.map { step.parameter($0) })
    }

    public func backward(_ step: BackwardStep) {
        let tables = step.preparation(ConvolutionTables.self), panels = weight.adjointPanels
        tables.addWeightGradient(
            step.outputGradient, step.input(0), rows: step.part.range(of: outputs, grain: 8),
            to: step.parameterGradient(weight), scratch: step.scratch)
        if let bias { step.addColumnSums(to: bias) }
        if let gradient = step.inputGradient(0) {
            tables.adjoint.run(
                step.outputGradient, step.adjointPanels(weight), panels,
                range: step.part.range(of: panels.panelCount), into: gradient, adding: step.adds(to: 0))
        }
    }
}

extension BackwardStep {
    /// The gradient of a bias: the sums of the output gradient's columns.
    func addColumnSums(to bias: Parameter) {
        let share = part.range(of: outputShape.last, grain: 16), sum = parameterGradient(bias) + share.lowerBound
        for r in 0..<outputShape.rows {
            Vector.add(outputGradient + r * outputShape.last + share.lowerBound, to: sum, count: share.count)
        }
    }
}

/// mish(x) = x tanh(softplus(x)), elementwise (Misra 2019; PyTorch `nn.Mish`).
public struct MishOperation: Operation {
    public let name = "mish"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }
    public func flops(_ inputs: [Shape]) -> Int { 10 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let x = step.input(0), y = step.output
        for i in step.part.range(of: step.outputShape.count, grain: 16) { y[i] = Vector.mish(x[i]) }
    }

    public func backward(_ step: BackwardStep) {
        guard let dx = step.inputGradient(0) else { return }
        let x = step.input(0), dy = step.outputGradient
        for i in step.part.range(of: step.outputShape.count, grain: 16) { dx[i] += dy[i] * Vector.mishDerivative(x[i]) }
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
        for i in step.part.range(of: step.outputShape.count, grain: 16) { y[i] = max(0, x[i]) }
    }

    public func backward(_ step: BackwardStep) {
        guard let dx = step.inputGradient(0) else { return }
        let x = step.input(0), dy = step.outputGradient
        for i in step.part.range(of: step.outputShape.count, grain: 16) { dx[i] += x[i] > 0 ? dy[i] : 0 }
    }
}

/// Sinusoidal embedding of the diffusion step: [B] -> [B, D], sines then cosines, exponent -ln(10000) / (D/2 - 1)
/// (diffusion_policy `SinusoidalPosEmb`). Steps are data: no gradient flows to them.
public struct StepEmbeddingOperation: Operation {
    public let name = "step_embedding"
    public let backwardReads: BackwardReads = []
    let dimension: Int
    private let frequencies: [Float]

    public init(dimension: Int) {
        precondition(dimension >= 4 && dimension % 2 == 0, "embedding dimension \(dimension) must be even and at least 4")
        self.dimension = dimension
        let half = dimension / 2
        frequencies = (0..<half).map { Float(Foundation.exp(-Foundation.log(10000.0) / Double(half - 1) * Double($0))) }
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 1, "\(name): \(inputs[0])")
        return [inputs[0][0], dimension]
    }

    public func forward(_ step: ForwardStep) {
        let half = dimension / 2
        for b in step.part.range(of: step.outputShape[0]) {
            let y = step.output + b * dimension
            for i in 0..<half {
                let angle = step.input(0)[b] * frequencies[i]
                y[i] = Foundation.sin(angle)
                y[half + i] = Foundation.cos(angle)
            }
        }
    }

    public func backward(_ step: BackwardStep) {}
}
