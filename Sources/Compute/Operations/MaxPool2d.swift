/// Largest value of each window, channels last (PyTorch `nn.MaxPool2d`): [B, H, W, C] -> [B, H', W', C].
/// A tie gives the gradient to the first position, as in PyTorch.
public struct MaxPool2dOperation: Operation {
    public let name = "max_pool2d"
    public let backwardReads: BackwardReads = []
    let kernelSize: Int
    let stride: Int
    let padding: Int

    public init(kernelSize: Int, stride: Int, padding: Int) {
        self.kernelSize = kernelSize
        self.stride = stride
        self.padding = padding
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 4, "\(name): \(inputs[0])")
        func extent(_ size: Int) -> Int { (size + 2 * padding - kernelSize) / stride + 1 }
        return [inputs[0][0], extent(inputs[0][1]), extent(inputs[0][2]), inputs[0].last]
    }

    /// The offset of each maximum, as a float's bit pattern.
    public func savedCount(_ inputs: [Shape]) -> Int { outputShape(inputs).count }
    public func flops(_ inputs: [Shape]) -> Int { outputShape(inputs).count * kernelSize * kernelSize }

    public func forward(_ step: ForwardStep) {
        let input = step.inputShapes[0], output = step.outputShape, channels = input.last
        let x = step.input(0)
        for b in step.part.range(of: output[0]) {
            var position = b * output[1] * output[2]
            for oy in 0..<output[1] {
                for ox in 0..<output[2] {
                    let y = step.output + position * channels, arg = step.saved + position * channels
                    y.update(repeating: -.infinity, count: channels)
                    for iy in max(0, oy * stride - padding)..<min(input[1], oy * stride - padding + kernelSize) {
                        for ix in max(0, ox * stride - padding)..<min(input[2], ox * stride - padding + kernelSize) {
                            let offset = ((b * input[1] + iy) * input[2] + ix) * channels
                            for c in 0..<channels where x[offset + c] > y[c] {
                                y[c] = x[offset + c]
                                arg[c] = Float(bitPattern: UInt32(offset + c))
                            }
                        }
                    }
                    position += 1
                }
            }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let dx = step.inputGradient(0) else { return }
        // Whole images: the windows of one overlap, those of two do not.
        let share = step.part.range(of: step.outputShape.count, grain: step.outputShape.count / step.outputShape[0])
        for i in share { dx[Int(step.saved[i].bitPattern)] += step.outputGradient[i] }
    }
}
