/// Every channel through an affine map that is known beforehand: x [..., C] -> x · scale [C] + offset [C].
public struct ChannelScaleOperation: Operation {
    public let name = "channel_scale"
    let scale, offset: [Float]
    public let backwardReads: BackwardReads = []

    public init(scale: [Float], offset: [Float]) {
        precondition(scale.count == offset.count, "\(scale.count) scales and \(offset.count) offsets")
        self.scale = scale
        self.offset = offset
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == scale.count, "\(name): \(scale.count) channels, input \(inputs[0])")
        return inputs[0]
    }

    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let channels = scale.count
        for row in step.part.range(of: step.outputShape.rows) {
            let x = step.input(0) + row * channels, y = step.output + row * channels
            for c in 0..<channels { y[c] = x[c] * scale[c] + offset[c] }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let gradient = step.inputGradient(0) else { return }
        let channels = scale.count
        for row in step.part.range(of: step.outputShape.rows) {
            let dx = gradient + row * channels, dy = step.outputGradient + row * channels
            for c in 0..<channels { dx[c] += dy[c] * scale[c] }
        }
    }
}

/// The mean of each channel over an image (PyTorch `nn.AdaptiveAvgPool2d(1)`): [B, H, W, C] -> [B, C].
public struct AveragePoolOperation: Operation {
    public let name = "average_pool"
    public let backwardReads: BackwardReads = []

    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 4, "\(name): \(inputs[0])")
        return [inputs[0][0], inputs[0].last]
    }

    public func flops(_ inputs: [Shape]) -> Int { inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let input = step.inputShapes[0], channels = input.last, positions = input[1] * input[2], share = 1 / Float(positions)
        for b in step.part.range(of: input[0]) {
            let x = step.input(0) + b * positions * channels, y = step.output + b * channels
            y.update(repeating: 0, count: channels)
            for position in 0..<positions { Vector.add(x + position * channels, to: y, count: channels) }
            for c in 0..<channels { y[c] *= share }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let gradient = step.inputGradient(0) else { return }
        let input = step.inputShapes[0], channels = input.last, positions = input[1] * input[2], share = 1 / Float(positions)
        for row in step.part.range(of: input[0] * positions) {
            let dx = gradient + row * channels, dy = step.outputGradient + row / positions * channels
            for c in 0..<channels { dx[c] += dy[c] * share }
        }
    }
}
