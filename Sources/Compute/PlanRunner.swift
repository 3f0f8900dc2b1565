import Basics

/// A plan with the memory it runs in: values, scratch of each worker and, where it trains, gradients.
///
/// There are two ways to run a plan, which give the same bits. All workers of a pool run it together, each step cut into
/// shares: a whole batch at once, so that weights pass through memory once. Or each worker runs whole plans alone, lane
/// after lane, so that one image's activations stay in its cache: see `LaneRunners`.
public struct PlanRunner: Sendable {
    public let plan: Plan
    private let workspace: Workspace
    /// Empty where the plan does not train.
    private let gradients: FloatBuffer
    /// By thread of the team.
    private let scratch: [FloatBuffer]
    /// Nil for a thread that runs every step whole.
    private let pool: WorkerPool?

    /// - Parameters:
    ///   - pool: whose workers run together; nil for the calling thread alone
    ///   - poisoned: fill all memory with NaN first, so that reading what was not written shows
    ///   - profile: where to add up the times of the operations
    public init(_ plan: Plan, pool: WorkerPool? = nil, poisoned: Bool = false, profile: OperationProfile? = nil) {
        let junk: Float = poisoned ? .nan : 0
        self.init(
            Workspace(plan, poisoned: poisoned, profile: profile),
            gradients: FloatBuffer(count: plan.purpose == .training ? plan.gradientCount : 0, filledWith: junk),
            scratch: (0..<(pool?.workers ?? 1)).map { _ in FloatBuffer(count: plan.scratchCount, filledWith: junk) },
            pool: pool)
    }

    fileprivate init(_ workspace: Workspace, gradients: FloatBuffer, scratch: [FloatBuffer], pool: WorkerPool?) {
        plan = workspace.plan
        self.workspace = workspace
        self.gradients = gradients
        self.scratch = scratch
        self.pool = pool
    }

    /// The numbers of a value that keeps its memory to the end of a run: an input, an output, what backward reads.
    public subscript(value: Value) -> FloatSlice { workspace[value] }

    /// The numbers of one entry along a value's first axis.
    public subscript(value: Value, row row: Int) -> FloatSlice {
        workspace[value].row(row, width: value.shape.count / value.shape[0])
    }

    public func set(_ value: Value, _ numbers: [Float]) {
        precondition(numbers.count == value.shape.count, "\(numbers.count) numbers for \(value.shape)")
        workspace[value].copy(from: numbers)
    }

    public func array(_ value: Value) -> [Float] { workspace[value].array }

    /// The gradient of an input or output of the graph: to be set before `backward`, which adds to an input's.
    public func gradient(of value: Value) -> FloatSlice { plan.gradient(of: value, in: gradients) }

    /// Runs every step.
    public func forward(_ weights: Weights) { run { forward(weights, as: $0) } }

    /// A run that a whole team has started (`WorkerPool.runTeam`); all its threads call it.
    public func forward(_ weights: Weights, as thread: TeamThread) {
        plan.forward(workspace, weights, scratch: scratch[thread.index], thread: thread)
    }

    /// Walks the steps in reverse, from the gradients of the outputs; ADDS to `parameterGradients` and to those of inputs.
    /// - Parameter firstParameter: the offset in the store of the first of `parameterGradients`
    public func backward(_ weights: Weights, addingTo parameterGradients: FloatBuffer, firstParameter: Int = 0) {
        run { backward(weights, parameterGradients, firstParameter, $0) }
    }

    /// Runs forward, and back from a loss [1].
    /// - Parameter inputs: whose gradients are to be read, cleared before
    /// - Returns: the loss
    public func trainingPass(
        _ weights: Weights, loss: Value, inputs: [Value] = [], addingTo parameterGradients: FloatBuffer
    ) -> Float {
        for input in inputs { gradient(of: input).fill(0) }
        gradient(of: loss).fill(1)
        run { thread in
            forward(weights, as: thread)
            backward(weights, parameterGradients, 0, thread)
        }
        return workspace[loss][0]
    }

    private func backward(
        _ weights: Weights, _ parameterGradients: FloatBuffer, _ firstParameter: Int, _ thread: TeamThread
    ) {
        plan.backward(
            workspace, gradients: gradients, weights, parameterGradients: parameterGradients,
            firstParameter: firstParameter, scratch: scratch[thread.index], thread: thread)
    }

    private func run(_ body: @Sendable (TeamThread) -> Void) {
        if let pool { pool.runTeam(body) } else { body(.alone) }
    }
}

/// A plan with memory for the lanes of a pool (`WorkerPool.run(lanes:)`): every worker runs it alone, lane after lane.
///
/// Scratch and gradients are a worker's own; values are the worker's too, or the lane's where they are to be read later,
/// by a way back.
public struct LaneRunners: Sendable {
    /// [lane][worker], or [worker] where lanes keep nothing.
    private let runners: [[PlanRunner]]
    private let keepsLanes: Bool

    /// Memory for values that nobody reads after their lane.
    public init(_ plan: Plan, pool: WorkerPool, profile: OperationProfile? = nil) {
        runners = [(0..<pool.workers).map { _ in PlanRunner(plan, profile: profile) }]
        keepsLanes = false
    }

    /// Memory for values and the way back from them.
    /// - Parameter lanes: whose values are kept
    public init(_ plan: Plan, pool: WorkerPool, keeping lanes: Int, profile: OperationProfile? = nil) {
        let workers = (0..<pool.workers).map { _ in
            (gradients: FloatBuffer(count: plan.gradientCount), scratch: [FloatBuffer(count: plan.scratchCount)])
        }
        runners = (0..<lanes).map { _ in
            let workspace = Workspace(plan, profile: profile)
            return workers.map { PlanRunner(workspace, gradients: $0.gradients, scratch: $0.scratch, pool: nil) }
        }
        keepsLanes = true
    }

    /// For a lane that keeps nothing.
    public subscript(worker worker: Int) -> PlanRunner {
        precondition(!keepsLanes, "a run without its lane where lanes keep their values")
        return runners[0][worker]
    }

    public subscript(lane: Int, worker worker: Int) -> PlanRunner { runners[lane][worker] }
}
