/// Mean squared error of a prediction against a target of the same shape -> [1].
public struct MeanSquaredErrorOperation: Operation {
    public let name = "mean_squared_error"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0] == inputs[1], "\(name): \(inputs[0]) and \(inputs[1])")
        return [1]
    }

    public func flops(_ inputs: [Shape]) -> Int { 3 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        guard step.part.isFirst else { return }
        let size = step.inputShapes[0].count, prediction = step.input(0), target = step.input(1)
        var sum = 0.0
        for i in 0..<size {
            let difference = Double(prediction[i] - target[i])
            sum += difference * difference
        }
        step.output[0] = Float(sum / Double(size))
    }

    public func backward(_ step: BackwardStep) {
        let size = step.inputShapes[0].count, prediction = step.input(0), target = step.input(1)
        let share = step.part.range(of: size, grain: 16)
        let factor = 2 * step.outputGradient[0] / Float(size)
        if let gradient = step.inputGradient(0) {
            for i in share { gradient[i] += factor * (prediction[i] - target[i]) }
        }
        if let gradient = step.inputGradient(1) {
            for i in share { gradient[i] += factor * (target[i] - prediction[i]) }
        }
    }
}

/// Mean absolute error (L1) of a prediction against a target of the same shape -> [1]. Where both are equal the gradient is 0, as
/// in PyTorch.
public struct MeanAbsoluteErrorOperation: Operation {
    public let name = "mean_absolute_error"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0] == inputs[1], "\(name): \(inputs[0]) and \(inputs[1])")
        return [1]
    }

    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        guard step.part.isFirst else { return }
        let size = step.inputShapes[0].count, prediction = step.input(0), target = step.input(1)
        var sum = 0.0
        for i in 0..<size { sum += Double(abs(prediction[i] - target[i])) }
        step.output[0] = Float(sum / Double(size))
    }

    public func backward(_ step: BackwardStep) {
        let size = step.inputShapes[0].count, prediction = step.input(0), target = step.input(1)
        let share = step.part.range(of: size, grain: 16)
        let factor = step.outputGradient[0] / Float(size)
        for (index, sign) in [(0, factor), (1, -factor)] {
            guard let gradient = step.inputGradient(index) else { continue }
            for i in share {
                let difference = prediction[i] - target[i]
                gradient[i] += difference > 0 ? sign : difference < 0 ? -sign : 0
            }
        }
    }
}

/// Rows of unit length: x [B, D] -> x / max(‖x‖, 1e-12) (PyTorch `F.normalize`).
public struct L2NormalizeOperation: Operation {
    public let name = "l2_normalize"
    public let backwardReads: BackwardReads = .output
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }
    public func savedCount(_ inputs: [Shape]) -> Int { inputs[0].rows }
    public func flops(_ inputs: [Shape]) -> Int { 3 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let width = step.outputShape.last
        for r in step.part.range(of: step.outputShape.rows) {
            let x = step.input(0) + r * width, y = step.output + r * width
            let reciprocal = 1 / max(Vector.dot(x, x, count: width).squareRoot(), 1e-12)
            step.saved[r] = reciprocal
            for i in 0..<width { y[i] = x[i] * reciprocal }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let gradient = step.inputGradient(0) else { return }
        let width = step.outputShape.last
        for r in step.part.range(of: step.outputShape.rows) {
            let y = step.output + r * width, dy = step.outputGradient + r * width, dx = gradient + r * width
            let along = Vector.dot(y, dy, count: width), reciprocal = step.saved[r]
            for i in 0..<width { dx[i] += (dy[i] - along * y[i]) * reciprocal }
        }
    }
}
