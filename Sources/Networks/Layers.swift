import Compute

/// Layers read like PyTorch: made once with a name in the store, called on values. Weights and biases start from
/// PyTorch's default, uniform in ±1 / sqrt(fan in).

private func bound(_ fanIn: Int) -> Parameter.Initialization { .uniform(bound: 1 / Float(fanIn).squareRoot()) }

/// [..., I] -> [..., O]
public struct Linear {
    let operation: LinearOperation

    public init(_ store: ParameterStore, _ name: String, inputs: Int, outputs: Int) {
        operation = LinearOperation(
            weight: store.add("\(name).weight", [outputs, inputs], bound(inputs)),
            bias: store.add("\(name).bias", [outputs], bound(inputs)))
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

/// [B, T, I] -> [B, T', O]
public struct Conv1d {
    let operation: ConvolutionOperation

    public init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, kernelSize: Int,
        stride: Int = 1, padding: Int = 0
    ) {
        let initialization = bound(inputChannels * kernelSize)
        operation = ConvolutionOperation(
            weight: store.add("\(name).weight", [outputChannels, inputChannels, kernelSize], initialization),
            bias: store.add("\(name).bias", [outputChannels], initialization), stride: stride, padding: padding)
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

/// [B, T, I] -> [B, T', O], stride 2 doubles T with kernel size 4 and padding 1.
public struct ConvTransposed1d {
    let operation: ConvTransposed1dOperation

    public init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int,
        padding: Int
    ) {
        // PyTorch computes the fan-in of a transposed convolution from axis 1, the output channels.
        let initialization = bound(outputChannels * kernelSize)
        operation = ConvTransposed1dOperation(
            weight: store.add(
                "\(name).weight", [inputChannels, outputChannels, kernelSize], initialization,
                packing: .transposedProducts),
            bias: store.add("\(name).bias", [outputChannels], initialization), stride: stride, padding: padding)
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

/// [B, H, W, I] -> [B, H', W', O]
public struct Conv2d {
    let operation: ConvolutionOperation

    public init(
        _ store: ParameterStore, _ name: String, inputChannels: Int, outputChannels: Int, kernelSize: Int,
        stride: Int = 1, padding: Int = 0, bias hasBias: Bool = true
    ) {
        let initialization = bound(inputChannels * kernelSize * kernelSize)
        let shape = [outputChannels, inputChannels, kernelSize, kernelSize]
        let weight = store.add(
            "\(name).weight", shape, initialization,
            packing: ConvolutionOperation.packing(of: shape, stride: stride, padding: padding))
        operation = ConvolutionOperation(
            weight: weight, bias: hasBias ? store.add("\(name).bias", [outputChannels], initialization) : nil,
            stride: stride, padding: padding)
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

/// [B, ..., C] -> the same shape, normalised by group, then activated.
public struct GroupNorm {
    let operation: GroupNormOperation

    public init(
        _ store: ParameterStore, _ name: String, groupCount: Int, channels: Int,
        activation: GroupNormOperation.Activation = .none
    ) {
        operation = GroupNormOperation(
            weight: store.add("\(name).weight", [channels], .constant(1)),
            bias: store.add("\(name).bias", [channels], .constant(0)), groupCount: groupCount, activation: activation)
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

extension Value {
    public func mish() -> Value { graph.apply(MishOperation(), self) }
    public func relu() -> Value { graph.apply(ReLUOperation(), self) }
    public func adding(_ other: Value) -> Value { graph.apply(AddOperation(), self, other) }
    public func addingThenReLU(_ other: Value) -> Value { graph.apply(AddOperation(rectified: true), self, other) }
    /// Joined along the last axis.
    public func concatenated(with other: Value) -> Value { graph.apply(ConcatenateOperation(), self, other) }
    /// scale · x + bias with (scale, bias) the halves of `condition`.
    public func modulated(by condition: Value) -> Value { graph.apply(ScaleShiftOperation(), self, condition) }
    public func spatialSoftmax() -> Value { graph.apply(SpatialSoftmaxOperation(), self) }
    /// The mean of each channel over an image.
    public func averaged() -> Value { graph.apply(AveragePoolOperation(), self) }
    public func l2Normalized() -> Value { graph.apply(L2NormalizeOperation(), self) }
    public func maxPool2d(kernelSize: Int, stride: Int, padding: Int) -> Value {
        graph.apply(MaxPool2dOperation(kernelSize: kernelSize, stride: stride, padding: padding), self)
    }
}
