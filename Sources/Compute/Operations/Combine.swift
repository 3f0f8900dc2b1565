/// a + b of equal shapes, optionally followed by ReLU (the end of a residual block).
public struct AddOperation: Operation {
    public let name: String
    let rectified: Bool
    public var backwardReads: BackwardReads { rectified ? .output : [] }
    public let writesGradients = true

    public init(rectified: Bool = false) {
        self.rectified = rectified
        name = rectified ? "add_relu" : "add"
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0] == inputs[1], "\(name): \(inputs[0]) and \(inputs[1])")
        return inputs[0]
    }

    public func flops(_ inputs: [Shape]) -> Int { inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let a = step.input(0), b = step.input(1), y = step.output
        let share = step.part.range(of: step.outputShape.count, grain: 16)
        if rectified {
            for i in share { y[i] = max(0, a[i] + b[i]) }
        } else {
            for i in share { y[i] = a[i] + b[i] }
        }
    }

    public func backward(_ step: BackwardStep) {
        let dy = step.outputGradient, y = step.output
        let share = step.part.range(of: step.outputShape.count, grain: 16)
        for input in 0..<2 {
            guard let gradient = step.inputGradient(input) else { continue }
            switch (rectified, step.adds(to: input)) {
            case (true, true): for i in share { gradient[i] += y[i] > 0 ? dy[i] : 0 }
            case (true, false): for i in share { gradient[i] = y[i] > 0 ? dy[i] : 0 }
            case (false, true): for i in share { gradient[i] += dy[i] }
            case (false, false): for i in share { gradient[i] = dy[i] }
            }
        }
    }
}

/// Joins two values along the last axis: [..., C1], [..., C2] -> [..., C1 + C2].
public struct ConcatenateOperation: Operation {
    public let name = "concatenate"
    public let backwardReads: BackwardReads = []
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(
            inputs[0].extents.dropLast() == inputs[1].extents.dropLast(), "\(name): \(inputs[0]) and \(inputs[1])")
        return inputs[0].replacingLast(inputs[0].last + inputs[1].last)
    }

    public func forward(_ step: ForwardStep) {
        let first = step.inputShapes[0].last, second = step.inputShapes[1].last
        for r in step.part.range(of: step.outputShape.rows) {
            let y = step.output + r * (first + second)
            y.update(from: step.input(0) + r * first, count: first)
            (y + first).update(from: step.input(1) + r * second, count: second)
        }
    }

    public func backward(_ step: BackwardStep) {
        let first = step.inputShapes[0].last, second = step.inputShapes[1].last
        for r in step.part.range(of: step.outputShape.rows) {
            let dy = step.outputGradient + r * (first + second)
            if let gradient = step.inputGradient(0) { Vector.add(dy, to: gradient + r * first, count: first) }
            if let gradient = step.inputGradient(1) { Vector.add(dy + first, to: gradient + r * second, count: second) }
        }
    }
}

/// Feature-wise modulation (FiLM, Perez et al. 2018): x [B, T, C], condition [B, 2 C] -> scale · x + bias, with
/// the scale in the first half of the condition (scale, not 1 + scale, as in diffusion_policy).
public struct ScaleShiftOperation: Operation {
    public let name = "scale_shift"
    public let backwardReads: BackwardReads = .inputs
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(
            inputs[1].rank == 2 && inputs[1][0] == inputs[0][0] && inputs[1].last == 2 * inputs[0].last,
            "\(name): \(inputs[0]) with condition \(inputs[1])")
        return inputs[0]
    }

    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let shape = step.outputShape, width = shape.last, steps = shape.rows / shape[0]
        for row in step.part.range(of: shape.rows) {
            let x = step.input(0) + row * width, y = step.output + row * width
            let scale = step.input(1) + row / steps * 2 * width, bias = scale + width
            for c in 0..<width { y[c] = scale[c] * x[c] + bias[c] }
        }
    }

    public func backward(_ step: BackwardStep) {
        let shape = step.outputShape, width = shape.last, steps = shape.rows / shape[0]
        // Whole samples, whose rows add to one condition.
        for row in step.part.range(of: shape.rows, grain: steps) {
            let x = step.input(0) + row * width, dy = step.outputGradient + row * width
            let offset = row / steps * 2 * width
            if let dx = step.inputGradient(0).map({ $0 + row * width }) {
                let scale = step.input(1) + offset
                for c in 0..<width { dx[c] += dy[c] * scale[c] }
            }
            if let gradient = step.inputGradient(1).map({ $0 + offset }) {
                for c in 0..<width { gradient[c] += dy[c] * x[c] }
                Vector.add(dy, to: gradient + width, count: width)
            }
        }
    }
}
