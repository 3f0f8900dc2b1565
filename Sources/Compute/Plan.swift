import Basics

/// Immutable code: a list of steps with static shapes and offsets into the slab of a `Workspace`.
///
/// Backward is the same list walked in reverse. Parameters are an argument of a run: evaluating the EMA is
/// passing other weights. A `PlanRunner` has the memory and runs it.
public final class Plan: @unchecked Sendable {
    struct Step {
        let operation: any Operation
        let inputShapes: [Shape]
        let outputShape: Shape
        let inputOffsets: [Int]
        let outputOffset: Int
        let savedOffset: Int
        let inputGradientOffsets: [Int]
        let outputGradientOffset: Int
        let inputNeedsGradient: [Bool]
        /// Whether this step is the first to add to the gradient of each input.
        let opensInput: [Bool]
        /// Places of the gradients to clear before.
        let clearsGradients: [(offset: Int, count: Int)]
        let needsGradient: Bool
        let made: (any Preparation)?

        var executedFlops: Int { operation.executedFlops(inputShapes, made) }

        func preparation<T: Preparation>(_ type: T.Type) -> T {
            guard let made = made as? T else { preconditionFailure("\(operation.name) was prepared with no \(type)") }
            return made
        }
    }

    let steps: [Step]
    let purpose: Graph.Purpose
    /// The graph's inputs and outputs.
    private let kept: [Bool]
    /// Values whose memory is theirs alone.
    private let readable: [Bool]
    private let offsets: [Int]
    private let gradientOffsets: [Int]
    /// Floats of a gradient slab.
    public let gradientCount: Int
    /// Floats of a workspace.
    public let slabCount: Int
    /// Floats of work memory any step needs.
    public let scratchCount: Int
    /// From the first to the last parameter of the plan, by offset in the store.
    public let parameterRange: Range<Int>

    init(
        steps: [Step], purpose: Graph.Purpose, kept: [Bool], readable: [Bool], offsets: [Int],
        gradientOffsets: [Int], gradientCount: Int, slabCount: Int, scratchCount: Int
    ) {
        self.steps = steps
        self.purpose = purpose
        self.kept = kept
        self.readable = readable
        self.offsets = offsets
        self.gradientOffsets = gradientOffsets
        self.gradientCount = gradientCount
        self.slabCount = slabCount
        self.scratchCount = scratchCount
        let parameters = steps.flatMap(\.operation.parameters)
        let first = parameters.map(\.offset).min() ?? 0
        parameterRange = first..<(parameters.map { $0.offset + $0.count }.max() ?? first)
    }

    /// Multiplications and additions of one forward run.
    public var flops: Int { steps.reduce(0) { $0 + $1.operation.flops($1.inputShapes) } }

    /// Those of its products that the kernels carry out.
    public var executedFlops: Int { steps.reduce(0) { $0 + $1.executedFlops } }

    /// Runs every step. A team runs it together when each of its threads calls it with the same memory and its own scratch.
    /// - Parameter scratch: at least `scratchCount` floats, used by no other thread meanwhile.
    func forward(_ workspace: Workspace, _ weights: Weights, scratch: FloatBuffer, thread: TeamThread) {
        precondition(workspace.plan === self, "the workspace belongs to another plan")
        precondition(scratch.count >= scratchCount, "\(scratch.count) floats of scratch, \(scratchCount) needed")
        for step in steps {
            workspace.profile.measure(step, .forward, thread) {
                thread.run { part in
                    step.operation.forward(
                        ForwardStep(
                            record: step, values: workspace.slab.pointer, weights: weights, scratch: scratch.pointer, part: part))
                }
            }
        }
    }

    /// Walks the steps in reverse and ADDS to `parameterGradients` and to the gradients of the graph's inputs.
    ///
    /// The caller sets the gradients of the graph's outputs (1 for a loss) and those of its inputs (0, or what to add
    /// to); all others are cleared when they are first added to.
    /// - Parameters:
    ///   - gradients: `gradientCount` floats
    ///   - parameterGradients: of the parameters from offset `firstParameter` of the store on
    func backward(
        _ workspace: Workspace, gradients: FloatBuffer, _ weights: Weights, parameterGradients: FloatBuffer,
        firstParameter: Int = 0, scratch: FloatBuffer, thread: TeamThread
    ) {
        precondition(workspace.plan === self, "the workspace belongs to another plan")
        precondition(purpose == .training, "backward on a plan for inference")
        precondition(gradients.count >= gradientCount, "\(gradients.count) floats of gradients, \(gradientCount) needed")
        precondition(scratch.count >= scratchCount, "\(scratch.count) floats of scratch, \(scratchCount) needed")
        precondition(
            parameterRange.isEmpty || firstParameter <= parameterRange.lowerBound
                && firstParameter + parameterGradients.count >= parameterRange.upperBound,
            "gradients from \(firstParameter) on for parameters \(parameterRange)")
        for step in steps.reversed() where step.needsGradient {
            workspace.profile.measure(step, .backward, thread) {
                if !step.clearsGradients.isEmpty {
                    thread.run { part in
                        for (offset, count) in step.clearsGradients {
                            let share = part.range(of: count, grain: 16)
                            (gradients.pointer + offset + share.lowerBound).update(repeating: 0, count: share.count)
                        }
                    }
                }
                for phase in 0..<step.operation.backwardPhases {
                    thread.run { part in
                        step.operation.backward(
                            BackwardStep(
                                record: step, values: workspace.slab.pointer, gradients: gradients.pointer, weights: weights,
                                parameterGradients: parameterGradients.pointer - firstParameter, scratch: scratch.pointer,
                                part: part, phase: phase))
                    }
                }
            }
        }
    }

    /// The gradient of an input or output of the graph in a gradient slab.
    func gradient(of value: Value, in gradients: FloatBuffer) -> FloatSlice {
        precondition(kept[value.index], "the gradient of an inner value shares its memory with others")
        precondition(gradientOffsets[value.index] >= 0, "the value has no gradient")
        return gradients[gradientOffsets[value.index]..<gradientOffsets[value.index] + value.shape.count]
    }

    /// The place of a value in a slab.
    func offset(of value: Value) -> Int {
        precondition(readable[value.index], "an inner value shares its memory with others")
        return offsets[value.index]
    }
}

/// Gives out places in one slab and takes them back: values that are not alive together share memory, so that what is
/// alive stays in the cache.
struct MemoryPlanner {
    /// Places in use, by offset.
    private var taken: [(offset: Int, count: Int)] = []
    /// Floats the slab needs.
    private(set) var total = 0

    /// The first gap of `count` floats, in whole cache lines.
    mutating func take(_ count: Int) -> Int {
        let count = (count + 15) / 16 * 16
        guard count > 0 else { return 0 }
        var offset = 0, index = 0
        while index < taken.count, taken[index].offset - offset < count {
            offset = taken[index].offset + taken[index].count
            index += 1
        }
        taken.insert((offset, count), at: index)
        total = max(total, offset + count)
        return offset
    }

    mutating func release(_ offset: Int, count: Int) {
        if count > 0 { taken.removeAll { $0.offset == offset } }
    }
}

/// The values of one run of a plan: one slab, offsets by the plan. A plan may have many workspaces.
final class Workspace: @unchecked Sendable {
    let plan: Plan
    let slab: FloatBuffer
    let profile: OperationProfile?

    /// - Parameters:
    ///   - poisoned: fill with NaN first, so that reading an unwritten value shows
    ///   - profile: where to add up the times of this workspace's runs
    init(_ plan: Plan, poisoned: Bool = false, profile: OperationProfile? = nil) {
        self.plan = plan
        self.profile = profile
        slab = FloatBuffer(count: plan.slabCount, filledWith: poisoned ? .nan : 0)
    }

    subscript(value: Value) -> FloatSlice {
        let offset = plan.offset(of: value)
        return slab[offset..<offset + value.shape.count]
    }
}
