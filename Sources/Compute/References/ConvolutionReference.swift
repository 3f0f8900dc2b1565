/// A convolution written as its definition, in double precision: what the fast kernels are compared with by the tests
/// and before a benchmark. Its adjoint is the transposed convolution, its 1 x 1 case a linear layer.
///
/// Layouts are those of the kernels: images [B, H, W, C] (sequences have H = 1), weights [O, kH, kW, I].
public struct ConvolutionReference: Sendable {
    private let window: SlidingWindow

    /// - Parameters:
    ///   - input: [B, T, I] or [B, H, W, I]
    ///   - weight: [O, I, k] or [O, I, kH, kW], PyTorch's shape
    public init(input: Shape, weight: [Int], stride: Int, padding: Int) {
        window = SlidingWindow(input: input, weight: weight, stride: stride, padding: padding)
    }

    public func output(input: [Float], weight: [Float], bias: [Float]? = nil) -> [Float] {
        let w = window, positions = w.batch * w.outputHeight * w.outputWidth
        var sums = (0..<positions * w.outputs).map { Double(bias?[$0 % w.outputs] ?? 0) }
        forEachTap { position, source, tap in
            for o in 0..<w.outputs {
                for i in 0..<w.channels {
                    sums[position * w.outputs + o] +=
                        Double(input[source * w.channels + i]) * Double(weight[(o * w.taps + tap) * w.channels + i])
                }
            }
        }
        return sums.map(Float.init)
    }

    public func inputGradient(outputGradient: [Float], weight: [Float]) -> [Float] {
        let w = window
        var sums = [Double](repeating: 0, count: w.batch * w.height * w.width * w.channels)
        forEachTap { position, source, tap in
            for o in 0..<w.outputs {
                for i in 0..<w.channels {
                    sums[source * w.channels + i] +=
                        Double(outputGradient[position * w.outputs + o])
                        * Double(weight[(o * w.taps + tap) * w.channels + i])
                }
            }
        }
        return sums.map(Float.init)
    }

    public func weightGradient(input: [Float], outputGradient: [Float]) -> [Float] {
        let w = window
        var sums = [Double](repeating: 0, count: w.outputs * w.taps * w.channels)
        forEachTap { position, source, tap in
            for o in 0..<w.outputs {
                for i in 0..<w.channels {
                    sums[(o * w.taps + tap) * w.channels + i] +=
                        Double(outputGradient[position * w.outputs + o]) * Double(input[source * w.channels + i])
                }
            }
        }
        return sums.map(Float.init)
    }

    /// Visits every output position with every tap that lies inside the input.
    private func forEachTap(_ body: (_ position: Int, _ source: Int, _ tap: Int) -> Void) {
        let w = window
        for position in 0..<w.batch * w.outputHeight * w.outputWidth {
            let x = position % w.outputWidth, y = position / w.outputWidth % w.outputHeight
            let image = position / (w.outputWidth * w.outputHeight)
            for tap in 0..<w.taps {
                let sourceY = y * w.strideY - w.paddingY + tap / w.kernelWidth
                let sourceX = x * w.strideX - w.paddingX + tap % w.kernelWidth
                guard 0..<w.height ~= sourceY, 0..<w.width ~= sourceX else { continue }
                body(position, (image * w.height + sourceY) * w.width + sourceX, tap)
            }
        }
    }
}
