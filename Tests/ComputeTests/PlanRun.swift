import Basics
import Compute
import TestSupport

/// Runs a plan forward and back by a team, in memory that is NaN wherever the caller sets nothing.
struct PlanRun {
    let plan: Plan
    let inputs: [Value]
    let output: Value
    let store: ParameterStore

    /// Everything a run computes; the gradients of inputs are those of inputs that have one.
    struct Result {
        var output: [Float]
        var inputGradients: [[Float]]
        var parameterGradients: [Float]

        /// The largest difference of any number; 0 for the same bits, infinite where anything is NaN.
        func difference(from other: Result) -> Float {
            Difference.absolute(
                output + inputGradients.joined() + parameterGradients,
                other.output + other.inputGradients.joined() + other.parameterGradients)
        }
    }

    func weights(_ parameters: [Float]) -> Weights { Weights(store, parameters: FloatBuffer(parameters), forTraining: true) }

    /// The output alone.
    func output(_ numbers: [[Float]], _ weights: Weights, team: Int = 1) -> [Float] {
        let workspace = filled(numbers), scratch = scratch(team), plan = plan
        WorkerPool(workers: team).runTeam { member in
            plan.forward(workspace, weights, scratch: scratch[member.index], member: member)
        }
        return workspace.array(output)
    }

    /// - Parameters:
    ///   - upstream: the gradient of the output
    ///   - start: what the gradients of inputs and parameters hold before
    ///   - constants: indices of the inputs without a gradient
    func result(
        _ numbers: [[Float]], _ weights: Weights, upstream: [Float], start: Float = 0, constants: Set<Int> = [],
        team: Int = 1
    ) -> Result {
        let workspace = filled(numbers), scratch = scratch(team), plan = plan
        let gradients = FloatBuffer(count: plan.gradientCount, filledWith: .nan)
        let parameterGradients = FloatBuffer(count: store.count, filledWith: start)
        let variables = inputs.enumerated().filter { !constants.contains($0.offset) }.map(\.element)
        for input in variables {
            plan.gradient(of: input, in: gradients).update(repeating: start, count: input.shape.count)
        }
        plan.gradient(of: output, in: gradients).update(from: upstream, count: upstream.count)
        WorkerPool(workers: team).runTeam { member in
            let scratch = scratch[member.index]
            plan.forward(workspace, weights, scratch: scratch, member: member)
            plan.backward(
                workspace, gradients: gradients, weights, parameterGradients: parameterGradients, scratch: scratch,
                member: member)
        }
        return Result(
            output: workspace.array(output),
            inputGradients: variables.map {
                Array(UnsafeBufferPointer(start: plan.gradient(of: $0, in: gradients), count: $0.shape.count))
            }, parameterGradients: parameterGradients.array)
    }

    private func filled(_ numbers: [[Float]]) -> Workspace {
        let workspace = Workspace(plan, poisoned: true)
        for (input, numbers) in zip(inputs, numbers) { workspace.set(input, numbers) }
        return workspace
    }

    private func scratch(_ team: Int) -> [FloatBuffer] {
        (0..<team).map { _ in FloatBuffer(count: plan.scratchCount, filledWith: .nan) }
    }
}
