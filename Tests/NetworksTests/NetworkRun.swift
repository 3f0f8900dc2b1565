import Compute

/// One plan with its memory, NaN wherever nothing was written.
final class NetworkRun {
    let workspace: Workspace
    private let plan: Plan
    private let weights: Weights
    private let store: ParameterStore
    private let scratch: FloatBuffer

    init(_ plan: Plan, _ parameters: FloatBuffer, _ store: ParameterStore) {
        self.plan = plan
        weights = Weights(store, parameters: parameters, forTraining: true)
        self.store = store
        workspace = Workspace(plan, poisoned: true)
        scratch = FloatBuffer(count: plan.scratchCount, filledWith: .nan)
    }

    func forward() { plan.forward(workspace, weights, scratch: scratch) }

    /// Runs forward and backward from a loss.
    func gradients(of loss: Value) -> FloatBuffer {
        forward()
        let slab = FloatBuffer(count: plan.gradientCount)
        let gradients = store.makeBuffer()
        plan.gradient(of: loss, in: slab).pointee = 1
        plan.backward(workspace, gradients: slab, weights, parameterGradients: gradients, scratch: scratch)
        return gradients
    }
}
