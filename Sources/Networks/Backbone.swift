import Compute

/// A convolution and its normalisation: GroupNorm with one group for every 16 channels in place of BatchNorm, as in
/// diffusion_policy; or, where a BatchNorm was folded into it, a bias and nothing after it.
struct NormalizedConv2d {
    private let conv: Conv2d
    private let norm: GroupNorm?
    private let isRectified: Bool

    /// - Parameter isRectified: whether ReLU follows
    init(
        _ store: ParameterStore, _ name: String, norm normName: String, inputChannels: Int, outputChannels: Int, kernelSize: Int,
        stride: Int = 1, padding: Int = 0, isRectified: Bool = false, _ normalization: ImageEncoderConfiguration.Normalization
    ) {
        conv = Conv2d(
            store, name, inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelSize,
            stride: stride, padding: padding, bias: normalization == .folded)
        norm =
            normalization == .group
            ? GroupNorm(
                store, normName, groupCount: max(1, outputChannels / 16), channels: outputChannels,
                activation: isRectified ? .relu : .none)
            : nil
        self.isRectified = isRectified
    }

    func callAsFunction(_ x: Value) -> Value {
        let y = conv(x)
        if let norm { return norm(y) }
        return isRectified ? y.relu() : y
    }
}

/// conv3x3 - norm - ReLU - conv3x3 - norm + shortcut, ReLU (He et al. 2016, basic block).
struct Residual2d {
    let first, second: NormalizedConv2d
    let shortcut: NormalizedConv2d?

    init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, stride: Int,
        _ normalization: ImageEncoderConfiguration.Normalization
    ) {
        first = NormalizedConv2d(
            store, "\(name).conv1", norm: "\(name).bn1", inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: 3,
            stride: stride, padding: 1, isRectified: true, normalization)
        second = NormalizedConv2d(
            store, "\(name).conv2", norm: "\(name).bn2", inputChannels: outputChannels, outputChannels: outputChannels, kernelSize: 3,
            padding: 1, normalization)
        shortcut =
            stride != 1 || inputChannels != outputChannels
            ? NormalizedConv2d(
                store, "\(name).downsample.0", norm: "\(name).downsample.1", inputChannels: inputChannels,
                outputChannels: outputChannels, kernelSize: 1, stride: stride, normalization)
            : nil
    }

    func callAsFunction(_ x: Value) -> Value {
        let y = second(first(x))
        return y.addingThenReLU(shortcut.map { $0(x) } ?? x)
    }
}

/// A residual trunk without its head: [B, H, W, 3] -> [B, H', W', C]. Names are the ResNet's positions in
/// diffusion_policy: nets.0 stem, nets.1 norm, nets.4 ... stages.
struct Backbone {
    let stem: NormalizedConv2d
    let pools: Bool
    let stages: [[Residual2d]]

    init(_ store: ParameterStore, _ name: String, _ configuration: ImageEncoderConfiguration) {
        let channels = configuration.channels, stemKernel = configuration.variant.stemKernelSize
        stem = NormalizedConv2d(
            store, "\(name).nets.0", norm: "\(name).nets.1", inputChannels: 3, outputChannels: channels[0], kernelSize: stemKernel,
            stride: 2, padding: stemKernel / 2, isRectified: true, configuration.normalization)
        pools = configuration.variant.poolsAfterStem
        stages = channels.indices.map { stage in
            (0..<configuration.blocks(ofStage: stage)).map { block in
                Residual2d(
                    store, "\(name).nets.\(4 + stage).\(block)",
                    inputChannels: block == 0 ? channels[max(0, stage - 1)] : channels[stage],
                    outputChannels: channels[stage], stride: stage > 0 && block == 0 ? 2 : 1, configuration.normalization)
            }
        }
    }

    func callAsFunction(_ x: Value) -> Value {
        var y = stem(x)
        if pools { y = y.maxPool2d(kernelSize: 3, stride: 2, padding: 1) }
        return stages.joined().reduce(y) { $1($0) }
    }
}
