/// Immutable code: a list of steps with static shapes and offsets into the slab of a `Workspace`.
///
/// Backward is the same list walked in reverse. Parameters are an argument of a run: evaluating the EMA is
/// passing another buffer.
public final class Plan: @unchecked Sendable {
    struct Step {
        let operation: any Operation
        let inputShapes: [Shape]
        let outputShape: Shape
        let inputOffsets: [Int]
        let outputOffset: Int
        let savedOffset: Int
        let inputNeedsGradient: [Bool]
        let needsGradient: Bool
    }

    let steps: [Step]
    let offsets: [Int]
    /// Floats of a gradient slab: the values without what the steps keep for themselves.
    public let gradientCount: Int
    /// Floats of a workspace.
    public let slabCount: Int
    /// Floats of work memory any step needs.
    public let scratchCount: Int

    init(steps: [Step], offsets: [Int], gradientCount: Int, slabCount: Int, scratchCount: Int) {
        self.steps = steps
        self.offsets = offsets
        self.gradientCount = gradientCount
        self.slabCount = slabCount
        self.scratchCount = scratchCount
    }

    /// Multiplications and additions of one forward run.
    public var flops: Int { steps.reduce(0) { $0 + $1.operation.flops($1.inputShapes) } }

    /// Runs every step.
    /// - Parameter scratch: at least `scratchCount` floats, used by no other thread meanwhile.
    public func forward(_ workspace: Workspace, parameters: FloatBuffer, scratch: FloatBuffer) {
        precondition(workspace.plan === self, "the workspace belongs to another plan")
        precondition(scratch.count >= scratchCount, "\(scratch.count) floats of scratch, \(scratchCount) needed")
        for step in steps {
            step.operation.forward(
                ForwardStep(
                    record: step, values: workspace.slab.pointer, parameters: UnsafePointer(parameters.pointer),
                    scratch: scratch.pointer))
        }
    }

    /// Walks the steps in reverse and ADDS to `parameterGradients`.
    ///
    /// The caller zeroes `gradients`, then sets the gradient of the plan's outputs; a loss operation's output
    /// gradient is 1.
    /// - Parameter gradients: `gradientCount` floats, one per value, same offsets.
    public func backward(
        _ workspace: Workspace, gradients: FloatBuffer, parameters: FloatBuffer, parameterGradients: FloatBuffer,
        scratch: FloatBuffer
    ) {
        precondition(workspace.plan === self, "the workspace belongs to another plan")
        precondition(gradients.count >= gradientCount, "\(gradients.count) floats of gradients, \(gradientCount) needed")
        precondition(scratch.count >= scratchCount, "\(scratch.count) floats of scratch, \(scratchCount) needed")
        for step in steps.reversed() where step.needsGradient {
            step.operation.backward(
                BackwardStep(
                    record: step, values: workspace.slab.pointer, gradients: gradients.pointer,
                    parameters: UnsafePointer(parameters.pointer), parameterGradients: parameterGradients.pointer,
                    scratch: scratch.pointer))
        }
    }

    /// The place of a value's gradient in a gradient slab.
    public func gradient(of value: Value, in gradients: FloatBuffer) -> UnsafeMutablePointer<Float> {
        gradients.pointer + offsets[value.index]
    }
}

/// The memory of one plan's run: one slab, offsets by running sum. A plan may have many workspaces.
public final class Workspace: @unchecked Sendable {
    let plan: Plan
    let slab: FloatBuffer

    /// - Parameter poisoned: fill with NaN first, so that reading an unwritten value shows.
    public init(_ plan: Plan, poisoned: Bool = false) {
        self.plan = plan
        slab = FloatBuffer(count: plan.slabCount, filledWith: poisoned ? .nan : 0)
    }

    public subscript(value: Value) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: slab.pointer + plan.offsets[value.index], count: value.shape.count)
    }

    public func set(_ value: Value, _ numbers: [Float]) {
        precondition(numbers.count == value.shape.count, "\(numbers.count) numbers for \(value.shape)")
        _ = self[value].update(from: numbers)
    }

    public func array(_ value: Value) -> [Float] { Array(self[value]) }
}
