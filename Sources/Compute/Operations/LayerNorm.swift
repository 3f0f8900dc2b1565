/// Layer normalisation (Ba et al. 2016; PyTorch `nn.LayerNorm` over the last axis).
///
/// x [..., C] -> γ (x - mean) / sqrt(variance + ε) + β, mean and variance over the C numbers of each row, ε = 1e-5, biased
/// variance.
public struct LayerNormOperation: Operation {
    public let name = "layer_norm"
    let weight: Parameter  // [C]
    let bias: Parameter  // [C]
    public var parameters: [Parameter] { [weight, bias] }
    public let backwardReads: BackwardReads = .inputs
    private static let epsilon: Float = 1e-5

    public init(weight: Parameter, bias: Parameter) {
        self.weight = weight
        self.bias = bias
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == weight.shape[0], "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return inputs[0]
    }

    /// Mean and reciprocal standard deviation of each row.
    public func savedCount(_ inputs: [Shape]) -> Int { 2 * inputs[0].rows }
    public func flops(_ inputs: [Shape]) -> Int { 8 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let width = step.outputShape.last, weight = step.parameter(weight), bias = step.parameter(bias)
        for row in step.part.range(of: step.outputShape.rows) {
            let x = step.input(0) + row * width, y = step.output + row * width, saved = step.saved + 2 * row
            let mean = Vector.sum(x, count: width) / Float(width)
            // In two passes: the difference of two large sums would lose what is left between them.
            for i in 0..<width { y[i] = x[i] - mean }
            let reciprocal = 1 / (Vector.dot(y, y, count: width) / Float(width) + Self.epsilon).squareRoot()
            for i in 0..<width { y[i] = y[i] * reciprocal * weight[i] + bias[i] }
            (saved[0], saved[1]) = (mean, reciprocal)
        }
    }

    public func scratchCount(_ inputs: [Shape]) -> Int { 2 * inputs[0].last }

    public func backward(_ step: BackwardStep) {
        let shape = step.outputShape, width = shape.last
        addInputGradient(step)
        // Each part has some of the channels, and adds up all rows of them in their order.
        let share = step.part.range(of: width, grain: 16)
        let weightGradient = step.parameterGradient(weight), biasGradient = step.parameterGradient(bias)
        for row in 0..<shape.rows {
            let x = step.input(0) + row * width, dy = step.outputGradient + row * width
            let (mean, reciprocal) = (step.saved[2 * row], step.saved[2 * row + 1])
            for i in share {
                biasGradient[i] += dy[i]
                weightGradient[i] += dy[i] * (x[i] - mean) * reciprocal
            }
        }
    }

    /// dx = r (g - mean(g) - x̂ mean(g x̂)) with g = γ dy, means over the row.
    private func addInputGradient(_ step: BackwardStep) {
        guard let gradient = step.inputGradient(0) else { return }
        let width = step.outputShape.last, weight = step.parameter(weight)
        let normalised = step.scratch, g = step.scratch + width
        for row in step.part.range(of: step.outputShape.rows) {
            let x = step.input(0) + row * width, dy = step.outputGradient + row * width, dx = gradient + row * width
            let (mean, reciprocal) = (step.saved[2 * row], step.saved[2 * row + 1])
            for i in 0..<width {
                normalised[i] = (x[i] - mean) * reciprocal
                g[i] = dy[i] * weight[i]
            }
            let level = Vector.sum(g, count: width) / Float(width)
            let slope = Vector.dot(g, normalised, count: width) / Float(width)
            for i in 0..<width { dx[i] += reciprocal * (g[i] - level - normalised[i] * slope) }
        }
    }
}
