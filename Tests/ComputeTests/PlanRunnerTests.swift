import Basics
import TestSupport
import Testing

@testable import Compute

@Suite struct PlanRunnerTests {
    /// Linear, Mish and squared error of rows of 24, with its numbers.
    private struct Example: @unchecked Sendable {
        let plan: Plan, x, target, output, loss: Value
        let store = ParameterStore()
        let weights: Weights
        let numbers: [Float]
        let truth: [Float]

        init(rows: Int, seed name: String) {
            let graph = Graph()
            let weight = store.add("weight", [40, 24], .constant(0)), bias = store.add("bias", [40], .constant(0))
            x = graph.input([rows, 24], needsGradient: true)
            target = graph.input([rows, 40])
            output = graph.apply(MishOperation(), graph.apply(LinearOperation(weight: weight, bias: bias), x))
            loss = graph.apply(MeanSquaredErrorOperation(), output, target)
            plan = graph.plan()
            weights = Weights(
                store, parameters: FloatBuffer(RandomValues.normal(store.count, "parameters")), forTraining: true)
            numbers = RandomValues.normal(rows * 24, name)
            truth = RandomValues.normal(rows * 40, name + " target")
        }

        /// Everything a training pass computes.
        func pass(_ runner: PlanRunner) -> [Float] {
            runner.set(x, numbers)
            runner.set(target, truth)
            let gradients = store.makeBuffer()
            let loss = runner.trainingPass(weights, loss: loss, inputs: [x], addingTo: gradients)
            return [loss] + runner.gradient(of: x).array + gradients.array
        }
    }

    @Test func `alone, in a team and in a lane a plan gives the same bits, again and again, in clean memory and in NaN`() {
        let example = Example(rows: 9, seed: "input"), alone = example.pass(PlanRunner(example.plan))
        #expect(alone.allSatisfy(\.isFinite) && Set(alone).count > 100)
        for workers in 1...3 {
            let pool = WorkerPool(workers: workers)
            let team = PlanRunner(example.plan, pool: pool, poisoned: true)
            for _ in 0..<2 { #expect(Difference.absolute(example.pass(team), alone) == 0, "\(workers) together") }
            let lanes = LaneRunners(example.plan, pool: pool, keeping: 4), differences = FloatBuffer(count: 4)
            pool.run(lanes: 4) { lane, worker in
                differences[0..<4][lane] = Difference.absolute(example.pass(lanes[lane, worker: worker]), alone)
            }
            #expect(differences.array == [0, 0, 0, 0])
        }
    }

    @Test func `a lane's values outlast the lanes after it on the same worker`() {
        let example = Example(rows: 2, seed: "input"), pool = WorkerPool(workers: 1)
        let lanes = LaneRunners(example.plan, pool: pool, keeping: 3)
        for lane in 0..<3 {
            lanes[lane, worker: 0].set(example.x, example.numbers.map { $0 + Float(lane) })
            lanes[lane, worker: 0].set(example.target, example.truth)
            lanes[lane, worker: 0].forward(example.weights)
        }
        let outputs = (0..<3).map { lanes[$0, worker: 0].array(example.output) }
        #expect(Set(outputs).count == 3)
        let first = PlanRunner(example.plan)
        _ = example.pass(first)
        #expect(outputs[0] == first.array(example.output))
    }

    @Test func `rows and parts of a value are copied in and out where they lie`() {
        let example = Example(rows: 3, seed: "input"), runner = PlanRunner(example.plan)
        runner.set(example.x, example.numbers)
        let rows = (0..<3).map { Array(example.numbers[24 * $0..<24 * ($0 + 1)]) }
        #expect(runner[example.x, row: 1].array == rows[1])
        runner[example.x, row: 2].copy(from: runner[example.x, row: 0])
        runner[example.x, row: 0][20..<24].copy(from: [9, 8, 7, 6, 5, 4], at: 1)
        let changed: [Float] = rows[0].dropLast(4) + [8, 7, 6, 5]
        #expect(runner.array(example.x) == changed + rows[1] + rows[0])
        let buffer = FloatBuffer([1, 2, 3, 4, 5, 6])
        buffer[1..<5].row(1, width: 2).fill(0)
        buffer[1..<5][0] = 7
        #expect(buffer.array == [1, 7, 3, 0, 0, 6])
    }
}
