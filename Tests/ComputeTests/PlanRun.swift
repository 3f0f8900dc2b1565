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
        let runner = filled(numbers, team)
        runner.forward(weights)
        return runner.array(output)
    }

    /// - Parameters:
    ///   - upstream: the gradient of the output
    ///   - start: what the gradients of inputs and parameters hold before
    ///   - constants: indices of the inputs without a gradient
    func result(
        _ numbers: [[Float]], _ weights: Weights, upstream: [Float], start: Float = 0, constants: Set<Int> = [],
        team: Int = 1
    ) -> Result {
        let runner = filled(numbers, team), parameterGradients = FloatBuffer(count: store.count, filledWith: start)
        let variables = inputs.enumerated().filter { !constants.contains($0.offset) }.map(\.element)
        for input in variables { runner.gradient(of: input).fill(start) }
        runner.gradient(of: output).copy(from: upstream)
        runner.forward(weights)
        runner.backward(weights, addingTo: parameterGradients)
        return Result(
            output: runner.array(output), inputGradients: variables.map { runner.gradient(of: $0).array },
            parameterGradients: parameterGradients.array)
    }

    private func filled(_ numbers: [[Float]], _ team: Int) -> PlanRunner {
        let runner = PlanRunner(plan, pool: WorkerPool(workers: team), poisoned: true)
        for (input, numbers) in zip(inputs, numbers) { runner.set(input, numbers) }
        return runner
    }
}
