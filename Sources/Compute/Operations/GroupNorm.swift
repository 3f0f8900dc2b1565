/// Group normalisation with an optional activation in the same pass (Wu and He 2018; PyTorch `nn.GroupNorm`).
///
/// x [B, ..., C] -> act(γ (x - mean) / sqrt(variance + ε) + β), mean and variance over the positions and the
/// C / groups channels of a group, ε = 1e-5, biased variance.
public struct GroupNormOperation: Operation {
    public enum Activation: Sendable { case none, relu, mish }

    public let name: String
    let weight: Parameter  // [C]
    let bias: Parameter  // [C]
    let groupCount: Int
    let activation: Activation
    public var parameters: [Parameter] { [weight, bias] }
    private static let epsilon: Float = 1e-5

    public init(weight: Parameter, bias: Parameter, groupCount: Int, activation: Activation) {
        precondition(weight.shape[0] % groupCount == 0, "\(weight.shape[0]) channels in \(groupCount) groups")
        self.weight = weight
        self.bias = bias
        self.groupCount = groupCount
        self.activation = activation
        name = activation == .none ? "group_norm" : "group_norm_\(activation)"
    }

    private var channels: Int { weight.shape[0] }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == channels, "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return inputs[0]
    }

    /// Mean and reciprocal standard deviation of each group; then, in backward, each sample's share of the gradients
    /// of γ and β.
    public func savedCount(_ inputs: [Shape]) -> Int { 2 * inputs[0][0] * (groupCount + channels) }

    /// Four rows of per-channel coefficients, repeated to `tile`, and the gradient before the activation.
    public func scratchCount(_ inputs: [Shape]) -> Int { 6 * tile + inputs[0].count / inputs[0][0] }

    public func flops(_ inputs: [Shape]) -> Int { 8 * inputs[0].count }

    /// Channels repeated to rows of at least 256 floats, so that inner loops are long whatever C is.
    private var tile: Int { channels * max(1, 256 / channels) }

    public func forward(_ step: ForwardStep) {
        let shape = step.inputShapes[0], size = shape.count / shape[0]
        let scale = step.scratch, shift = scale + tile, sums = shift + tile
        for b in step.member.share(of: shape[0]) {
            let x = step.input(0) + b * size, y = step.output + b * size
            let mean = step.saved + 2 * b * groupCount, reciprocal = mean + groupCount
            measure(x, size: size, mean: mean, reciprocal: reciprocal, work: scale, sums: sums)
            let weight = step.parameter(weight), bias = step.parameter(bias)
            for c in 0..<tile {
                let group = c % channels / (channels / groupCount)
                scale[c] = weight[c % channels] * reciprocal[group]
                shift[c] = bias[c % channels] - mean[group] * scale[c]
            }
            forEachTile(size) { start, count in
                let x = x + start, y = y + start
                switch activation {
                case .none: for i in 0..<count { y[i] = x[i] * scale[i] + shift[i] }
                case .relu: for i in 0..<count { y[i] = max(0, x[i] * scale[i] + shift[i]) }
                case .mish: for i in 0..<count { y[i] = Vector.mish(x[i] * scale[i] + shift[i]) }
                }
            }
        }
    }

    public func backward(_ step: BackwardStep) {
        let shape = step.inputShapes[0], size = shape.count / shape[0]
        let reciprocals = step.scratch, offsets = reciprocals + tile, gamma = offsets + tile, beta = gamma + tile
        let sumGradient = beta + tile, sumProduct = sumGradient + tile, before = sumProduct + tile
        let weight = step.parameter(weight), bias = step.parameter(bias)
        let sums = step.saved + 2 * shape[0] * groupCount
        let groupSize = channels / groupCount
        for b in step.member.share(of: shape[0]) {
            let x = step.input(0) + b * size, dy = step.outputGradient + b * size
            let mean = step.saved + 2 * b * groupCount, reciprocal = mean + groupCount
            // normalised = x * reciprocals + offsets
            for c in 0..<tile {
                let group = c % channels / groupSize
                reciprocals[c] = reciprocal[group]
                offsets[c] = -mean[group] * reciprocal[group]
                gamma[c] = weight[c % channels]
                beta[c] = bias[c % channels]
                sumGradient[c] = 0
                sumProduct[c] = 0
            }
            forEachTile(size) { start, count in
                let x = x + start, dy = dy + start, before = before + start
                switch activation {
                case .none: for i in 0..<count { before[i] = dy[i] }
                case .relu:
                    for i in 0..<count {
                        let normalised = x[i] * reciprocals[i] + offsets[i]
                        before[i] = normalised * gamma[i] + beta[i] > 0 ? dy[i] : 0
                    }
                case .mish:
                    for i in 0..<count {
                        let normalised = x[i] * reciprocals[i] + offsets[i]
                        before[i] = dy[i] * Vector.mishDerivative(normalised * gamma[i] + beta[i])
                    }
                }
                for i in 0..<count {
                    sumGradient[i] += before[i]
                    sumProduct[i] += before[i] * (x[i] * reciprocals[i] + offsets[i])
                }
            }
            fold(sumGradient)
            fold(sumProduct)
            let sampleSums = sums + 2 * b * channels
            sampleSums.update(from: sumGradient, count: channels)
            (sampleSums + channels).update(from: sumProduct, count: channels)
            guard let dx = step.inputGradient(0).map({ $0 + b * size }) else { continue }
            // dx = r (γ g - mean(γ g) - x̂ mean(γ g x̂)) = g * gamma r - (x * slope + level), means over the group
            let entries = Float(size / channels * groupSize)
            for group in 0..<groupCount {
                var first: Float = 0, second: Float = 0
                for c in group * groupSize..<(group + 1) * groupSize {
                    first += weight[c] * sumGradient[c]
                    second += weight[c] * sumProduct[c]
                }
                first /= entries
                second /= entries
                for c in group * groupSize..<(group + 1) * groupSize {
                    let r = reciprocal[group]
                    gamma[c] = weight[c] * r
                    offsets[c] = r * r * second  // slope
                    beta[c] = r * first - mean[group] * r * r * second  // level
                }
            }
            for coefficients in [gamma, offsets, beta] { repeatTile(coefficients) }
            forEachTile(size) { start, count in
                let x = x + start, dx = dx + start, before = before + start
                for i in 0..<count { dx[i] += before[i] * gamma[i] - (x[i] * offsets[i] + beta[i]) }
            }
        }
        step.member.synchronize()
        let share = step.member.share(of: channels, grain: 16)
        let weightGradient = step.parameterGradient(self.weight), biasGradient = step.parameterGradient(self.bias)
        for b in 0..<shape[0] {
            let sampleSums = sums + 2 * b * channels
            for c in share {
                biasGradient[c] += sampleSums[c]
                weightGradient[c] += sampleSums[channels + c]
            }
        }
    }

    /// Mean and 1 / sqrt(variance + ε) of each group, in two passes.
    private func measure(
        _ x: UnsafePointer<Float>, size: Int, mean: UnsafeMutablePointer<Float>,
        reciprocal: UnsafeMutablePointer<Float>, work: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
    ) {
        let groupSize = channels / groupCount, entries = Float(size / groupCount)
        sums.update(repeating: 0, count: tile)
        forEachTile(size) { start, count in
            let x = x + start
            for i in 0..<count { sums[i] += x[i] }
        }
        fold(sums)
        for group in 0..<groupCount {
            var sum: Float = 0
            for c in group * groupSize..<(group + 1) * groupSize { sum += sums[c] }
            mean[group] = sum / entries
        }
        for c in 0..<tile { work[c] = mean[c % channels / groupSize] }
        sums.update(repeating: 0, count: tile)
        forEachTile(size) { start, count in
            let x = x + start
            for i in 0..<count {
                let centred = x[i] - work[i]
                sums[i] += centred * centred
            }
        }
        fold(sums)
        for group in 0..<groupCount {
            var sum: Float = 0
            for c in group * groupSize..<(group + 1) * groupSize { sum += sums[c] }
            reciprocal[group] = 1 / (sum / entries + Self.epsilon).squareRoot()
        }
    }

    @inline(__always)
    private func forEachTile(_ size: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        for start in stride(from: 0, to: size, by: tile) { body(start, min(tile, size - start)) }
    }

    /// Sums the repetitions of a tile into its first C entries.
    private func fold(_ sums: UnsafeMutablePointer<Float>) {
        for start in stride(from: channels, to: tile, by: channels) { Vector.add(sums + start, to: sums, count: channels) }
    }

    private func repeatTile(_ row: UnsafeMutablePointer<Float>) {
        for start in stride(from: channels, to: tile, by: channels) { (row + start).update(from: row, count: channels) }
    }
}
