import Basics

/// One coarse step of a network: its output shape and a forward and an accumulating backward kernel side by side.
///
/// Noise, masks and crops are inputs, never drawn inside, so that any run can be replayed. A kernel may be run by a
/// team, in parts: each does its share of the outputs, cut so that every number is computed in the same order whatever
/// the number of parts.
public protocol Operation: Sendable {
    /// Shown in shape errors and in the benchmark's breakdown.
    var name: String { get }
    /// What the operation is trained by; its output needs a gradient whatever its inputs are.
    var parameters: [Parameter] { get }
    /// The output's shape; stops with both shapes when the inputs do not fit.
    func outputShape(_ inputs: [Shape]) -> Shape
    /// Floats the forward kernel keeps for the backward kernel.
    func savedCount(_ inputs: [Shape]) -> Int
    /// Floats of work memory of each thread, valid within one kernel call only.
    func scratchCount(_ inputs: [Shape]) -> Int
    /// Multiplications and additions of one forward call, as the textbook counts them.
    func flops(_ inputs: [Shape]) -> Int
    /// Those of its products that the kernel carries out: fewer where it saves some.
    /// - Parameter made: what `preparation` made
    func executedFlops(_ inputs: [Shape], _ made: (any Preparation)?) -> Int
    /// The values its backward kernel reads; others need not be kept for it.
    var backwardReads: BackwardReads { get }
    /// Whether its backward kernel can write the gradient of an input that nothing has been added to yet, see
    /// `BackwardStep.adds`; else such a gradient is cleared first.
    var writesGradients: Bool { get }
    /// Phases of the backward kernel: all parts of one are done before the next begins.
    var backwardPhases: Int { get }
    /// What depends on the shapes alone, made once: see `ConvolutionTables`.
    func preparation(_ inputs: [Shape]) -> (any Preparation)?

    func forward(_ step: ForwardStep)
    /// ADDS to the gradients of parameters, and of inputs unless `writesGradients`.
    func backward(_ step: BackwardStep)
}

/// Which of an operation's values its backward kernel reads.
public struct BackwardReads: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let inputs = BackwardReads(rawValue: 1)
    public static let output = BackwardReads(rawValue: 2)
}

extension Operation {
    public var parameters: [Parameter] { [] }
    public func savedCount(_ inputs: [Shape]) -> Int { 0 }
    public func scratchCount(_ inputs: [Shape]) -> Int { 0 }
    public func flops(_ inputs: [Shape]) -> Int { 0 }
    public func executedFlops(_ inputs: [Shape], _ made: (any Preparation)?) -> Int { flops(inputs) }
    public var writesGradients: Bool { false }
    public var backwardPhases: Int { 1 }
    public func preparation(_ inputs: [Shape]) -> (any Preparation)? { nil }
}

/// The memory one forward kernel works on.
public struct ForwardStep {
    let record: Plan.Step
    let values: UnsafeMutablePointer<Float>
    let weights: Weights
    public let scratch: UnsafeMutablePointer<Float>
    /// Which part of the step to do.
    public let part: WorkPart

    public var inputShapes: [Shape] { record.inputShapes }
    public var outputShape: Shape { record.outputShape }
    public func input(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(values + record.inputOffsets[index]) }
    public var output: UnsafeMutablePointer<Float> { values + record.outputOffset }
    public var saved: UnsafeMutablePointer<Float> { values + record.savedOffset }
    public func parameter(_ parameter: Parameter) -> UnsafePointer<Float> {
        UnsafePointer(weights.parameters.pointer + parameter.offset)
    }
    /// A matrix or kernel packed to compute outputs with.
    func panels(_ parameter: Parameter) -> UnsafePointer<Float> {
        UnsafePointer(weights.forward.pointer + parameter.forwardOffset)
    }
    /// What the operation's `preparation` made.
    func preparation<T: Preparation>(_ type: T.Type) -> T { record.preparation(type) }
}

/// The memory one backward kernel works on.
public struct BackwardStep {
    let record: Plan.Step
    let values: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>
    let weights: Weights
    /// Where the gradient of the store's first parameter would lie.
    let parameterGradients: UnsafeMutablePointer<Float>
    public let scratch: UnsafeMutablePointer<Float>
    /// Which part of the step to do.
    public let part: WorkPart
    /// Which of the operation's `backwardPhases`.
    public let phase: Int

    public var inputShapes: [Shape] { record.inputShapes }
    public var outputShape: Shape { record.outputShape }
    public func input(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(values + record.inputOffsets[index]) }
    public var output: UnsafePointer<Float> { UnsafePointer(values + record.outputOffset) }
    public var saved: UnsafeMutablePointer<Float> { values + record.savedOffset }
    public func parameter(_ parameter: Parameter) -> UnsafePointer<Float> {
        UnsafePointer(weights.parameters.pointer + parameter.offset)
    }
    /// A matrix or kernel packed to compute input gradients with.
    func adjointPanels(_ parameter: Parameter) -> UnsafePointer<Float> {
        guard let adjoint = weights.adjoint else { preconditionFailure("backward with weights packed for inference") }
        return UnsafePointer(adjoint.pointer + parameter.adjointOffset)
    }
    /// What the operation's `preparation` made.
    func preparation<T: Preparation>(_ type: T.Type) -> T { record.preparation(type) }

    public var outputGradient: UnsafePointer<Float> { UnsafePointer(gradients + record.outputGradientOffset) }
    /// Nil when nothing upstream of this input has parameters.
    public func inputGradient(_ index: Int) -> UnsafeMutablePointer<Float>? {
        record.inputNeedsGradient[index] ? gradients + record.inputGradientOffsets[index] : nil
    }
    /// Whether the gradient of this input holds something to add to; read by operations with `writesGradients`.
    func adds(to index: Int) -> Bool { !record.opensInput[index] }
    public func parameterGradient(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
        parameterGradients + parameter.offset
    }
}
