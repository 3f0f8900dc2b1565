import Basics
import Compute

/// A plan over a whole batch that all workers run together, with its memory.
final class TeamRun: @unchecked Sendable {
    let workspace: Workspace
    private let plan: Plan
    private let gradients: FloatBuffer
    private let scratch: [FloatBuffer]
    private let pool: WorkerPool

    init(_ plan: Plan, pool: WorkerPool, profile: OperationProfile?) {
        self.plan = plan
        self.pool = pool
        workspace = Workspace(plan, profile: profile)
        gradients = FloatBuffer(count: plan.gradientCount)
        scratch = (0..<pool.workers).map { _ in FloatBuffer(count: plan.scratchCount) }
    }

    /// Forward and backward from a loss [1].
    /// - Parameter input: a value whose gradient the caller reads
    /// - Returns: the loss and the place of the input's gradient
    func run(
        _ weights: Weights, loss: Value, input: Value, parameterGradients: FloatBuffer
    ) -> (loss: Float, inputGradient: UnsafePointer<Float>) {
        let inputGradient = plan.gradient(of: input, in: gradients)
        inputGradient.update(repeating: 0, count: input.shape.count)
        plan.gradient(of: loss, in: gradients).pointee = 1
        pool.runTeam { [self] member in
            plan.forward(workspace, weights, scratch: scratch[member.index], member: member)
            plan.backward(
                workspace, gradients: gradients, weights, parameterGradients: parameterGradients,
                scratch: scratch[member.index], member: member)
        }
        return (workspace[loss][0], UnsafePointer(inputGradient))
    }
}
