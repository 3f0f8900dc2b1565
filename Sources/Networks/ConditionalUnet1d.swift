import Compute
import Configuration

/// The size of the noise-predicting network.
public struct UnetConfiguration: Equatable, Sendable {
    /// Channels of the levels, top to bottom.
    public var downDims = [64, 128, 256]
    /// Width of the sinusoidal embedding of the noise step; even.
    public var stepEmbedding = 128
    /// Kernel of the convolution blocks; odd.
    public var kernelSize = 5
    /// Groups of each GroupNorm.
    public var groupCount = 8
    /// Groups of the last block's GroupNorm where they are others, as in lerobot: no setting.
    public var finalGroupCount: Int?

    public init() {}

    /// Times the horizon is halved: every level but the last does.
    public var halvings: Int { downDims.count - 1 }
    /// The horizon must be a multiple of this.
    public var horizonMultiple: Int { 1 << halvings }
}

extension UnetConfiguration: SettingsGroup {
    public static var fields: [SettingsField<UnetConfiguration>] {
        [
            SettingsField("down_dims", \.downDims, Rule.within(1...8192).each(count: 1...6)),
            SettingsField("step_embedding", \.stepEmbedding, Rule(expectation: "an even number from 4 to 4096") {
                (4...4096).contains($0) && $0 % 2 == 0
            }),
            SettingsField("kernel_size", \.kernelSize, Rule(expectation: "an odd number from 1 to 31") {
                (1...31).contains($0) && $0 % 2 == 1
            }),
            SettingsField("group_count", \.groupCount, .within(1...256)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard let width = downDims.first(where: { $0 % groupCount != 0 }) else { return }
        throw origins.violation(
            path, "down_dims", expected: "multiples of unet.group_count = \(groupCount)", found: "\(width)")
    }
}

/// Conv1d - GroupNorm - Mish.
struct Conv1dBlock {
    let conv: Conv1d
    let norm: GroupNorm

    /// - Parameter groupCount: where it is not the configuration's
    init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, groupCount: Int? = nil,
        _ configuration: UnetConfiguration
    ) {
        conv = Conv1d(
            store, "\(name).block.0", inputChannels: inputChannels, outputChannels: outputChannels,
            kernelSize: configuration.kernelSize, padding: configuration.kernelSize / 2)
        norm = GroupNorm(
            store, "\(name).block.1", groupCount: groupCount ?? configuration.groupCount, channels: outputChannels,
            activation: .mish)
    }

    func callAsFunction(_ x: Value) -> Value { norm(conv(x)) }
}

/// Two convolution blocks with FiLM conditioning between them, plus a shortcut.
struct ConditionalResidualBlock1d {
    let first, second: Conv1dBlock
    let conditionEncoder: Linear
    let shortcut: Conv1d?
    let outputChannels: Int

    init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, condition: Int,
        _ configuration: UnetConfiguration
    ) {
        self.outputChannels = outputChannels
        first = Conv1dBlock(
            store, "\(name).blocks.0", inputChannels: inputChannels, outputChannels: outputChannels, configuration)
        second = Conv1dBlock(
            store, "\(name).blocks.1", inputChannels: outputChannels, outputChannels: outputChannels, configuration)
        conditionEncoder = Linear(store, "\(name).cond_encoder.1", inputs: condition, outputs: 2 * outputChannels)
        shortcut =
            inputChannels == outputChannels
            ? nil
            : Conv1d(
                store, "\(name).residual_conv", inputChannels: inputChannels, outputChannels: outputChannels,
                kernelSize: 1)
    }

    /// - Parameter modulation: what `conditionEncoder` makes of the condition after its Mish, [B, 2 O]
    func callAsFunction(_ x: Value, _ modulation: Value) -> Value {
        second(first(x).modulated(by: modulation)).adding(shortcut.map { $0(x) } ?? x)
    }
}

/// The noise-predicting network of diffusion_policy: ([B, T, A], [B], [B, G]) -> [B, T, A].
public struct ConditionalUnet1d {
    private let configuration: UnetConfiguration
    private let stepEncoder: (Linear, Linear)
    private let down: [(ConditionalResidualBlock1d, ConditionalResidualBlock1d, Conv1d?)]
    private let middle: [ConditionalResidualBlock1d]
    private let up: [(ConditionalResidualBlock1d, ConditionalResidualBlock1d, ConvTransposed1d)]
    private let finalBlock: Conv1dBlock
    private let finalConv: Conv1d

    /// - Parameters:
    ///   - actionDimension: A
    ///   - globalCondition: G, the flattened observation features
    public init(
        _ store: ParameterStore, _ name: String, actionDimension: Int, globalCondition: Int,
        _ configuration: UnetConfiguration
    ) {
        self.configuration = configuration
        let dims = configuration.downDims, d = configuration.stepEmbedding, condition = globalCondition + d
        let widths = [actionDimension] + dims
        func block(_ suffix: String, _ inputs: Int, _ outputs: Int) -> ConditionalResidualBlock1d {
            ConditionalResidualBlock1d(
                store, "\(name).\(suffix)", inputChannels: inputs, outputChannels: outputs, condition: condition,
                configuration)
        }
        stepEncoder = (
            Linear(store, "\(name).diffusion_step_encoder.1", inputs: d, outputs: 4 * d),
            Linear(store, "\(name).diffusion_step_encoder.3", inputs: 4 * d, outputs: d)
        )
        down = dims.indices.map { level in
            let (i, o) = (widths[level], widths[level + 1])
            let isLast = level == dims.count - 1
            return (
                block("down_modules.\(level).0", i, o), block("down_modules.\(level).1", o, o),
                isLast
                    ? nil
                    : Conv1d(
                        store, "\(name).down_modules.\(level).2.conv", inputChannels: o, outputChannels: o,
                        kernelSize: 3, stride: 2, padding: 1)
            )
        }
        let bottom = dims[dims.count - 1]
        middle = (0..<2).map { block("mid_modules.\($0)", bottom, bottom) }
        up = (1..<dims.count).map { index in
            let level = dims.count - index
            let (i, o) = (widths[level], widths[level + 1])
            return (
                block("up_modules.\(index - 1).0", 2 * o, i), block("up_modules.\(index - 1).1", i, i),
                ConvTransposed1d(
                    store, "\(name).up_modules.\(index - 1).2.conv", inputChannels: i, outputChannels: i,
                    kernelSize: 4, stride: 2, padding: 1)
            )
        }
        finalBlock = Conv1dBlock(
            store, "\(name).final_conv.0", inputChannels: dims[0], outputChannels: dims[0],
            groupCount: configuration.finalGroupCount, configuration)
        finalConv = Conv1d(
            store, "\(name).final_conv.1", inputChannels: dims[0], outputChannels: actionDimension, kernelSize: 1)
    }

    /// What the condition does to each residual block, in the order the blocks run: (scale, bias) [B, 2 O].
    ///
    /// It depends on the step and the observation alone, so that sampling computes it once for all steps.
    /// - Parameters:
    ///   - step: diffusion step [B]
    ///   - condition: observation features [B, G]
    func modulations(step: Value, condition: Value) -> [Value] {
        let embedding = step.graph.apply(StepEmbeddingOperation(dimension: configuration.stepEmbedding), step)
        let encoded = stepEncoder.1(stepEncoder.0(embedding).mish())
        let condition = encoded.concatenated(with: condition).mish()
        return blocks.map { $0.conditionEncoder(condition) }
    }

    /// Channels of each block's output: half the width of its modulation.
    var blockChannels: [Int] { blocks.map(\.outputChannels) }

    private var blocks: [ConditionalResidualBlock1d] {
        down.flatMap { [$0.0, $0.1] } + middle + up.flatMap { [$0.0, $0.1] }
    }

    /// - Parameters:
    ///   - sample: noisy actions [B, T, A]
    ///   - modulations: see `modulations(step:condition:)`
    func callAsFunction(_ sample: Value, _ modulations: [Value]) -> Value {
        precondition(
            sample.shape[1] % configuration.horizonMultiple == 0,
            "horizon \(sample.shape[1]) is not a multiple of \(configuration.horizonMultiple)")
        precondition(modulations.count == blocks.count, "\(modulations.count) modulations of \(blocks.count) blocks")
        var next = modulations.makeIterator()
        func apply(_ block: ConditionalResidualBlock1d, _ x: Value) -> Value { next.next().map { block(x, $0) } ?? x }
        var x = sample
        var skips: [Value] = []
        for (first, second, downsample) in down {
            x = apply(second, apply(first, x))
            skips.append(x)
            if let downsample { x = downsample(x) }
        }
        for block in middle { x = apply(block, x) }
        for (first, second, upsample) in up {
            x = x.concatenated(with: skips.removeLast())
            x = upsample(apply(second, apply(first, x)))
        }
        return finalConv(finalBlock(x))
    }

    /// - Parameters:
    ///   - sample: noisy actions [B, T, A]
    ///   - step: diffusion step [B]
    ///   - condition: observation features [B, G]
    public func callAsFunction(_ sample: Value, step: Value, condition: Value) -> Value {
        self(sample, modulations(step: step, condition: condition))
    }
}
