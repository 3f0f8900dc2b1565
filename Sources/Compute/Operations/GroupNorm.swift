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
    public let backwardReads: BackwardReads = .inputs
    public let writesGradients = true
    /// Each sample's, then the sums over the samples.
    public let backwardPhases = 2
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
    private var groupSize: Int { channels / groupCount }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].last == channels, "\(weight.name) is \(weight.shape), input \(inputs[0])")
        return inputs[0]
    }

    /// Mean and reciprocal standard deviation of each group; then, in backward, each sample's share of the gradients
    /// of γ and β.
    public func savedCount(_ inputs: [Shape]) -> Int { 2 * inputs[0][0] * (groupCount + channels) }

    /// Rows of per-channel coefficients and the gradient before the activation.
    public func scratchCount(_ inputs: [Shape]) -> Int {
        Coefficients.rows * Coefficients.stride(channels) + inputs[0].count / inputs[0][0]
    }

    public func flops(_ inputs: [Shape]) -> Int { 8 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        hasWideTiles ? forward(step, Float16Lanes.self) : forward(step, SIMD8<Float>.self)
    }

    @inline(__always)
    private func forward<Lanes: FloatLanes>(_ step: ForwardStep, _: Lanes.Type) {
        let shape = step.inputShapes[0], size = shape.count / shape[0]
        let weight = step.parameter(weight), bias = step.parameter(bias)
        let c = Coefficients(step.scratch, channels: channels)
        for b in step.part.range(of: shape[0]) {
            let image = ChannelBlocks<Lanes>(positions: size / channels, channels: channels)
            let x = step.input(0) + b * size, y = step.output + b * size
            let mean = step.saved + 2 * b * groupCount, reciprocal = mean + groupCount
            measure(image, x, mean: mean, reciprocal: reciprocal, c)
            forEachChannel { channel, group in
                c.scale[channel] = weight[channel] * reciprocal[group]
                c.shift[channel] = bias[channel] - mean[group] * c.scale[channel]
            }
            image.forEachBlock { block, count in
                let scale = Lanes.load(c.scale + block), shift = Lanes.load(c.shift + block)
                image.forEachPosition(block) { i in
                    var value = Lanes.load(x + i) * scale + shift
                    if activation == .relu { value = value.zeroed(whereNegative: value) }
                    value.store(to: y + i, count: count, adding: false)
                }
            }
            if activation == .mish { for i in 0..<size { y[i] = Vector.mish(y[i]) } }
        }
    }

    public func backward(_ step: BackwardStep) {
        step.phase == 0 ? backwardSamples(step) : addSampleSums(step)
    }

    /// Sixteen lanes on every processor: with eight, each sum would wait for its last addition.
    private func backwardSamples(_ step: BackwardStep) {
        let shape = step.inputShapes[0], size = shape.count / shape[0]
        let weight = step.parameter(weight), bias = step.parameter(bias)
        let sums = step.saved + 2 * shape[0] * groupCount
        let c = Coefficients(step.scratch, channels: channels)
        let image = ChannelBlocks<Float16Lanes>(positions: size / channels, channels: channels)
        for b in step.part.range(of: shape[0]) {
            let x = step.input(0) + b * size
            let mean = step.saved + 2 * b * groupCount, reciprocal = mean + groupCount
            // normalised = x * reciprocal + offset; before the activation: x * scale + shift
            forEachChannel { channel, group in
                c.reciprocal[channel] = reciprocal[group]
                c.offset[channel] = -mean[group] * reciprocal[group]
                c.scale[channel] = weight[channel] * reciprocal[group]
                c.shift[channel] = bias[channel] + weight[channel] * c.offset[channel]
            }
            var dy = step.outputGradient + b * size
            if activation == .mish {
                mishGradient(image, x, dy, c, to: c.rest)
                dy = UnsafePointer(c.rest)
            }
            sumGradients(image, x, dy, c)
            let sampleSums = sums + 2 * b * channels
            sampleSums.update(from: c.sumGradient, count: channels)
            (sampleSums + channels).update(from: c.sumProduct, count: channels)
            guard let dx = step.inputGradient(0).map({ $0 + b * size }) else { continue }
            // dx = r (γ g - mean(γ g) - x̂ mean(γ g x̂)) = g * scale - (x * slope + level), means over the group
            let entries = Float(size / groupCount)
            for group in 0..<groupCount {
                var first: Float = 0, second: Float = 0
                for channel in group * groupSize..<(group + 1) * groupSize {
                    first += weight[channel] * c.sumGradient[channel]
                    second += weight[channel] * c.sumProduct[channel]
                }
                let slope = reciprocal[group] * reciprocal[group] * second / entries
                for channel in group * groupSize..<(group + 1) * groupSize {
                    c.slope[channel] = slope
                    c.level[channel] = reciprocal[group] * first / entries - mean[group] * slope
                }
            }
            addInputGradient(image, x, dy, c, to: dx, adding: step.adds(to: 0))
        }
    }

    /// The gradients of γ and β: what every sample left in `saved`, in the order of the samples.
    private func addSampleSums(_ step: BackwardStep) {
        let samples = step.inputShapes[0][0], sums = step.saved + 2 * samples * groupCount
        let share = step.part.range(of: channels, grain: 16)
        let weightGradient = step.parameterGradient(self.weight), biasGradient = step.parameterGradient(self.bias)
        for b in 0..<samples {
            let sampleSums = sums + 2 * b * channels
            for channel in share {
                biasGradient[channel] += sampleSums[channel]
                weightGradient[channel] += sampleSums[channels + channel]
            }
        }
    }

    /// Mean and 1 / sqrt(variance + ε) of each group, in two passes.
    @inline(__always)
    private func measure<Lanes: FloatLanes>(
        _ image: ChannelBlocks<Lanes>, _ x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
        reciprocal: UnsafeMutablePointer<Float>, _ c: Coefficients
    ) {
        let entries = Float(image.positions * groupSize)
        func groupMean(_ group: Int) -> Float {
            var sum: Float = 0
            for channel in group * groupSize..<(group + 1) * groupSize { sum += c.scale[channel] }
            return sum / entries
        }
        image.forEachBlock { block, _ in image.sum(block) { .load(x + $0) }.write(to: c.scale + block) }
        for group in 0..<groupCount { mean[group] = groupMean(group) }
        forEachChannel { channel, group in c.shift[channel] = mean[group] }
        image.forEachBlock { block, _ in
            let centre = Lanes.load(c.shift + block)
            image.sum(block) { i in
                let centred = Lanes.load(x + i) - centre
                return centred * centred
            }.write(to: c.scale + block)
        }
        for group in 0..<groupCount { reciprocal[group] = 1 / (groupMean(group) + Self.epsilon).squareRoot() }
    }

    /// dy times the derivative of Mish.
    private func mishGradient(
        _ image: ChannelBlocks<Float16Lanes>, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ c: Coefficients,
        to before: UnsafeMutablePointer<Float>
    ) {
        for position in 0..<image.positions {
            let start = position * channels, x = x + start, dy = dy + start, before = before + start
            for i in 0..<channels { before[i] = dy[i] * Vector.mishDerivative(x[i] * c.scale[i] + c.shift[i]) }
        }
    }

    /// Sums of the gradient g before the activation, and of g x̂, over the positions of each channel.
    private func sumGradients(
        _ image: ChannelBlocks<Float16Lanes>, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ c: Coefficients
    ) {
        image.forEachBlock { block, _ in
            let reciprocal = Float16Lanes.load(c.reciprocal + block), offset = Float16Lanes.load(c.offset + block)
            let scale = Float16Lanes.load(c.scale + block), shift = Float16Lanes.load(c.shift + block)
            var products = Float16Lanes(repeating: 0)
            let gradients = image.sum(block) { i in
                let x = Float16Lanes.load(x + i)
                var g = Float16Lanes.load(dy + i)
                if activation == .relu { g.replace(with: 0, where: x * scale + shift .<= 0) }
                products += g * (x * reciprocal + offset)
                return g
            }
            gradients.write(to: c.sumGradient + block)
            products.write(to: c.sumProduct + block)
        }
    }

    private func addInputGradient(
        _ image: ChannelBlocks<Float16Lanes>, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ c: Coefficients,
        to dx: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        image.forEachBlock { block, count in
            let slope = Float16Lanes.load(c.slope + block), level = Float16Lanes.load(c.level + block)
            let scale = Float16Lanes.load(c.scale + block), shift = Float16Lanes.load(c.shift + block)
            image.forEachPosition(block) { i in
                let x = Float16Lanes.load(x + i)
                var g = Float16Lanes.load(dy + i)
                if activation == .relu { g.replace(with: 0, where: x * scale + shift .<= 0) }
                (g * scale - (x * slope + level)).store(to: dx + i, count: count, adding: adding)
            }
        }
    }

    @inline(__always)
    private func forEachChannel(_ body: (_ channel: Int, _ group: Int) -> Void) {
        for group in 0..<groupCount {
            for channel in group * groupSize..<(group + 1) * groupSize { body(channel, group) }
        }
    }

    /// Rows of numbers per channel, with room for whole registers.
    private struct Coefficients {
        static let rows = 8
        static func stride(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

        let scale, shift, reciprocal, offset, slope, level, sumGradient, sumProduct: UnsafeMutablePointer<Float>
        /// The scratch memory behind the rows.
        let rest: UnsafeMutablePointer<Float>

        init(_ scratch: UnsafeMutablePointer<Float>, channels: Int) {
            let stride = Self.stride(channels)
            (scale, shift, reciprocal) = (scratch, scratch + stride, scratch + 2 * stride)
            (offset, slope, level) = (scratch + 3 * stride, scratch + 4 * stride, scratch + 5 * stride)
            (sumGradient, sumProduct, rest) = (scratch + 6 * stride, scratch + 7 * stride, scratch + 8 * stride)
        }
    }
}
