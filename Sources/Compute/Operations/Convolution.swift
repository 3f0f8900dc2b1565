/// Cross-correlation with channels last, in one or two dimensions (PyTorch `nn.Conv1d`, `nn.Conv2d`).
///
/// [B, H, W, I] or [B, T, I] -> [..., O]. Patches are copied in chunks that stay in cache and multiplied by the
/// weight; backward copies them again rather than keeping them.
public struct ConvolutionOperation: Operation {
    public let name: String
    let weight: Parameter  // stored [O, (kH,) kW, I]
    let bias: Parameter?
    let stride: Int
    let padding: Int
    public var hasParameters: Bool { true }

    public init(weight: Parameter, bias: Parameter?, stride: Int, padding: Int) {
        precondition(weight.shape.count == 3 || weight.shape.count == 4, "\(weight.name) is \(weight.shape)")
        name = weight.shape.count == 3 ? "conv1d" : "conv2d"
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    private var outputs: Int { weight.shape[0] }

    private func patches(_ input: Shape) -> Patches {
        precondition(input.last == weight.shape[1], "\(weight.name) is \(weight.shape), input \(input)")
        precondition(input.rank == weight.shape.count, "\(weight.name) is \(weight.shape), input \(input)")
        if weight.shape.count == 3 {
            return Patches(
                batch: input[0], height: 1, width: input[1], channels: input[2], kernelHeight: 1,
                kernelWidth: weight.shape[2], strideY: 1, strideX: stride, paddingY: 0, paddingX: padding)
        }
        return Patches(
            batch: input[0], height: input[1], width: input[2], channels: input[3], kernelHeight: weight.shape[2],
            kernelWidth: weight.shape[3], strideY: stride, strideX: stride, paddingY: padding, paddingX: padding)
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        let patches = patches(inputs[0])
        return inputs[0].rank == 3
            ? [inputs[0][0], patches.outputWidth, outputs]
            : [inputs[0][0], patches.outputHeight, patches.outputWidth, outputs]
    }

    public func scratchCount(_ inputs: [Shape]) -> Int {
        let patches = patches(inputs[0])
        return 2 * patches.rowsPerChunk * patches.columns
    }

    public func flops(_ inputs: [Shape]) -> Int {
        let patches = patches(inputs[0])
        return 2 * patches.rows * patches.columns * outputs
    }

    public func forward(_ step: ForwardStep) {
        let patches = patches(step.inputShapes[0])
        let columns = patches.columns
        for start in Swift.stride(from: 0, to: patches.rows, by: patches.rowsPerChunk) {
            let range = start..<min(start + patches.rowsPerChunk, patches.rows)
            var rows = step.input(0)
            if !patches.isIdentity {
                patches.gather(step.input(0), rows: range, to: step.scratch)
                rows = UnsafePointer(step.scratch)
            }
            Matrix.multiply(
                rows, step.parameter(weight), transposeB: true, into: step.output + start * outputs, m: range.count,
                n: outputs, k: columns)
        }
        if let bias { Vector.addRow(step.parameter(bias), to: step.output, rows: patches.rows, width: outputs) }
    }

    public func backward(_ step: BackwardStep) {
        let patches = patches(step.inputShapes[0])
        let columns = patches.columns
        for start in Swift.stride(from: 0, to: patches.rows, by: patches.rowsPerChunk) {
            let range = start..<min(start + patches.rowsPerChunk, patches.rows)
            let outputGradient = step.outputGradient + start * outputs
            var rows = step.input(0)
            if !patches.isIdentity {
                patches.gather(step.input(0), rows: range, to: step.scratch)
                rows = UnsafePointer(step.scratch)
            }
            Matrix.multiply(
                outputGradient, transposeA: true, rows, into: step.parameterGradient(weight), m: outputs, n: columns,
                k: range.count, beta: 1)
            guard let inputGradient = step.inputGradient(0) else { continue }
            if patches.isIdentity {
                Matrix.multiply(
                    outputGradient, step.parameter(weight), into: inputGradient, m: range.count, n: columns,
                    k: outputs, beta: 1)
            } else {
                let gradient = step.scratch + patches.rowsPerChunk * columns
                Matrix.multiply(
                    outputGradient, step.parameter(weight), into: gradient, m: range.count, n: columns, k: outputs)
                patches.scatterAdd(gradient, rows: range, to: inputGradient)
            }
        }
        if let bias {
            Vector.addColumnSums(
                of: step.outputGradient, to: step.parameterGradient(bias), rows: patches.rows, width: outputs)
        }
    }
}
