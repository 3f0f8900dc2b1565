import Compute

/// conv3x3 - norm - ReLU - conv3x3 - norm + shortcut, ReLU (He et al. 2016, basic block), GroupNorm in place of
/// BatchNorm with one group for every 16 channels, as in diffusion_policy.
struct Residual2d {
    let conv1, conv2: Conv2d
    let norm1, norm2: GroupNorm
    let shortcut: (conv: Conv2d, norm: GroupNorm)?

    init(_ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, stride: Int) {
        let groups = max(1, outputChannels / 16)
        conv1 = Conv2d(
            store, "\(name).conv1", inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: 3,
            stride: stride, padding: 1, bias: false)
        norm1 = GroupNorm(store, "\(name).bn1", groupCount: groups, channels: outputChannels, activation: .relu)
        conv2 = Conv2d(
            store, "\(name).conv2", inputChannels: outputChannels, outputChannels: outputChannels, kernelSize: 3,
            padding: 1, bias: false)
        norm2 = GroupNorm(store, "\(name).bn2", groupCount: groups, channels: outputChannels)
        if stride != 1 || inputChannels != outputChannels {
            shortcut = (
                Conv2d(
                    store, "\(name).downsample.0", inputChannels: inputChannels, outputChannels: outputChannels,
                    kernelSize: 1, stride: stride, bias: false),
                GroupNorm(store, "\(name).downsample.1", groupCount: groups, channels: outputChannels)
            )
        } else {
            shortcut = nil
        }
    }

    func callAsFunction(_ x: Value) -> Value {
        let y = norm2(conv2(norm1(conv1(x))))
        return y.addingThenReLU(shortcut.map { $0.norm($0.conv(x)) } ?? x)
    }
}

/// A residual trunk without its head: [B, H, W, 3] -> [B, H', W', C]. Names are the ResNet's positions in
/// diffusion_policy: nets.0 stem, nets.1 norm, nets.4 ... stages.
struct Backbone {
    let stem: Conv2d
    let norm: GroupNorm
    let pools: Bool
    let stages: [[Residual2d]]

    init(_ store: ParameterStore, _ name: String, _ configuration: ImageEncoderConfiguration) {
        let channels = configuration.channels, stemKernel = configuration.variant.stemKernelSize
        stem = Conv2d(
            store, "\(name).nets.0", inputChannels: 3, outputChannels: channels[0], kernelSize: stemKernel, stride: 2,
            padding: stemKernel / 2, bias: false)
        norm = GroupNorm(
            store, "\(name).nets.1", groupCount: max(1, channels[0] / 16), channels: channels[0], activation: .relu)
        pools = configuration.variant.poolsAfterStem
        stages = channels.indices.map { stage in
            (0..<configuration.variant.blocksPerStage).map { block in
                Residual2d(
                    store, "\(name).nets.\(4 + stage).\(block)",
                    inputChannels: block == 0 ? channels[max(0, stage - 1)] : channels[stage],
                    outputChannels: channels[stage], stride: stage > 0 && block == 0 ? 2 : 1)
            }
        }
    }

    func callAsFunction(_ x: Value) -> Value {
        var y = norm(stem(x))
        if pools { y = y.maxPool2d(kernelSize: 3, stride: 2, padding: 1) }
        return stages.joined().reduce(y) { $1($0) }
    }
}
