import Basics
import TestSupport
import Testing

@testable import Compute

@Suite struct TeamTests {
    /// The first part is late; nobody may go on before it is written.
    @Test(arguments: [2, 3]) func `a step sees all that the step before has written`(_ members: Int) {
        let graph = Graph()
        let x = graph.input([512])
        let output = graph.apply(ReversalOperation(), graph.apply(ReversalOperation(isLate: true), x))
        let run = PlanRun(plan: graph.plan(), inputs: [x], output: output, store: ParameterStore())
        let numbers = RandomValues.normal(512, "input")
        for _ in 0..<5 { #expect(run.output([numbers], run.weights([]), team: members) == numbers) }
    }

    @Test(arguments: [2, 3]) func `a step back sees all that the step after it has added`(_ members: Int) {
        let graph = Graph()
        let x = graph.input([512], needsGradient: true)
        let output = graph.apply(ReversalOperation(isLate: true), graph.apply(ReversalOperation(), x))
        let run = PlanRun(plan: graph.plan(), inputs: [x], output: output, store: ParameterStore())
        let upstream = RandomValues.normal(512, "upstream")
        for _ in 0..<5 {
            let result = run.result([upstream], run.weights([]), upstream: upstream, team: members)
            #expect(Difference.absolute(result.inputGradients[0], upstream) == 0)
        }
    }

    /// Parts add to each other's of a gradient right after it was cleared.
    @Test func `a gradient is clear before anybody adds to it`() {
        let graph = Graph(), count = 1 << 16
        let x = graph.input([count], needsGradient: true)
        let output = graph.apply(ReversalOperation(), graph.apply(ReversalOperation(), x))
        let run = PlanRun(plan: graph.plan(), inputs: [x], output: output, store: ParameterStore())
        let upstream = [Float](repeating: 1, count: count)
        for _ in 0..<30 {
            let result = run.result([upstream], run.weights([]), upstream: upstream, team: 4)
            #expect(Difference.absolute(result.inputGradients[0], upstream) == 0)
        }
    }

    /// Every operation's kernels, forward and back.
    @Test(arguments: OperationCases.all.filter(\.isDifferentiable), [2, 3])
    func `a team computes the same bits as one thread`(_ row: OperationCase, _ members: Int) throws {
        let golden = try OperationRun(row)
        let run = PlanRun(plan: golden.plan, inputs: golden.inputs, output: golden.output, store: golden.store)
        let weights = run.weights(golden.parameters.array)
        let one = run.result(golden.inputValues, weights, upstream: golden.upstream)
        let team = run.result(golden.inputValues, weights, upstream: golden.upstream, team: members)
        #expect(team.difference(from: one) == 0)
    }

    /// More panels and rows than parts, so that every part has something.
    @Test(arguments: [
        ProductCase(input: [9, 5, 48], outputs: 130, kernel: 5, padding: 2),
        ProductCase(kind: .transposed, input: [3, 4, 130], outputs: 100, kernel: 4, stride: 2, padding: 1),
        ProductCase(kind: .linear, input: [64, 130], outputs: 402),
        ProductCase(input: [2, 9, 7, 64], outputs: 96, kernel: 3, stride: 2, padding: 1),
    ])
    func `a team computes wide layers to the same bits as one thread`(_ row: ProductCase) {
        let run = row.run(), weights = run.weights(RandomValues.normal(run.store.count, "parameters"))
        let x = [RandomValues.normal(run.inputs[0].shape.count, "input")]
        let upstream = RandomValues.normal(run.output.shape.count, "upstream")
        let one = run.result(x, weights, upstream: upstream)
        for members in [2, 3, 5] {
            #expect(run.result(x, weights, upstream: upstream, team: members).difference(from: one) == 0)
        }
    }
}
