/// One coarse step of a network: its output shape and a forward and an accumulating backward kernel side by side.
///
/// Noise, masks and crops are inputs, never drawn inside, so that any run can be replayed.
public protocol Operation: Sendable {
    /// Shown in shape errors and in the benchmark's breakdown.
    var name: String { get }
    /// The output's shape; stops with both shapes when the inputs do not fit.
    func outputShape(_ inputs: [Shape]) -> Shape
    /// Floats the forward kernel keeps for the backward kernel.
    func savedCount(_ inputs: [Shape]) -> Int
    /// Floats of work memory, valid within one kernel call only.
    func scratchCount(_ inputs: [Shape]) -> Int
    /// Multiplications and additions of one forward call.
    func flops(_ inputs: [Shape]) -> Int
    /// Whether the operation has parameters, so that its output needs a gradient whatever its inputs are.
    var hasParameters: Bool { get }

    func forward(_ step: ForwardStep)
    /// ADDS to the gradients of inputs and parameters.
    func backward(_ step: BackwardStep)
}

extension Operation {
    public func savedCount(_ inputs: [Shape]) -> Int { 0 }
    public func scratchCount(_ inputs: [Shape]) -> Int { 0 }
    public func flops(_ inputs: [Shape]) -> Int { 0 }
    public var hasParameters: Bool { false }
}

/// The memory one forward kernel works on.
public struct ForwardStep {
    let record: Plan.Step
    let values: UnsafeMutablePointer<Float>
    let parameters: UnsafePointer<Float>
    public let scratch: UnsafeMutablePointer<Float>

    public var inputShapes: [Shape] { record.inputShapes }
    public var outputShape: Shape { record.outputShape }
    public func input(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(values + record.inputOffsets[index]) }
    public var output: UnsafeMutablePointer<Float> { values + record.outputOffset }
    public var saved: UnsafeMutablePointer<Float> { values + record.savedOffset }
    public func parameter(_ parameter: Parameter) -> UnsafePointer<Float> { parameters + parameter.offset }
}

/// The memory one backward kernel works on.
public struct BackwardStep {
    let record: Plan.Step
    let values: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>
    let parameters: UnsafePointer<Float>
    let parameterGradients: UnsafeMutablePointer<Float>
    public let scratch: UnsafeMutablePointer<Float>

    public var inputShapes: [Shape] { record.inputShapes }
    public var outputShape: Shape { record.outputShape }
    public func input(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(values + record.inputOffsets[index]) }
    public var output: UnsafePointer<Float> { UnsafePointer(values + record.outputOffset) }
    public var saved: UnsafePointer<Float> { UnsafePointer(values + record.savedOffset) }
    public func parameter(_ parameter: Parameter) -> UnsafePointer<Float> { parameters + parameter.offset }

    public var outputGradient: UnsafePointer<Float> { UnsafePointer(gradients + record.outputOffset) }
    /// Nil when nothing upstream of this input has parameters.
    public func inputGradient(_ index: Int) -> UnsafeMutablePointer<Float>? {
        record.inputNeedsGradient[index] ? gradients + record.inputOffsets[index] : nil
    }
    public func parameterGradient(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
        parameterGradients + parameter.offset
    }
}
