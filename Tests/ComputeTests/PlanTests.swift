import Basics
import TestSupport
import Testing

@testable import Compute

@Suite struct PlanTests {
    /// In memory full of NaN: a value that loses its place too early, or a gradient that is not cleared, shows.
    @Test(arguments: 0..<60) func `sharing memory does not change a bit of any output or gradient`(_ seed: Int) {
        let network = RandomNetwork(Seed(70) / seed, layers: 4 + seed / 3)
        let training = network.run(.training), inference = network.run(.inference)
        let count = RandomNetwork.shape.count
        let numbers = [RandomValues.normal(count, "first"), RandomValues.normal(count, "second")]
        let upstream = RandomValues.normal(count, "upstream")
        let weights = training.weights(RandomValues.uniform(network.store.count, "parameters"))
        let apart = network.layerByLayer(numbers, weights, upstream: upstream)
        #expect(apart.output.allSatisfy { $0.isFinite } && Set(apart.output).count > 5)
        #expect(training.result(numbers, weights, upstream: upstream).difference(from: apart) == 0)
        #expect(inference.output(numbers, weights) == apart.output)
        #expect(training.result(numbers, weights, upstream: upstream, team: 3).difference(from: apart) == 0)
    }

    @Test func `random networks do share memory`() {
        for seed in 0..<10 {
            let network = RandomNetwork(Seed(70) / seed, layers: 20)
            let apart = 64 * (network.layerCount + 2)
            #expect(network.run(.inference).plan.slabCount < apart * 3 / 4)
            #expect(network.run(.training).plan.gradientCount < apart * 3 / 4)
        }
    }

    /// The value is read by a step that keeps its input for the way back and by one that does not, in either order.
    @Test(arguments: [true, false]) func `a value that backward reads survives all its readers`(_ keeperFirst: Bool) {
        let graph = Graph()
        let x = graph.input([16], needsGradient: true)
        let value = graph.apply(AddOperation(), x, x)
        var readers: [Value] = []
        for isKeeper in [keeperFirst, !keeperFirst] {
            readers.append(
                isKeeper ? graph.apply(MishOperation(), value) : graph.apply(AddOperation(), value, value))
        }
        var output = graph.apply(AddOperation(), readers[0], readers[1])
        // Steps that would take the place of the value.
        for _ in 0..<3 { output = graph.apply(AddOperation(), output, x) }
        let run = PlanRun(plan: graph.plan(), inputs: [x], output: output, store: ParameterStore())
        let numbers = RandomValues.normal(16, "input")
        let result = run.result([numbers], run.weights([]), upstream: [Float](repeating: 1, count: 16))
        // mish(2 x) + 4 x + 3 x
        for (index, x) in numbers.enumerated() {
            #expect(abs(result.output[index] - (Vector.mish(2 * x) + 7 * x)) < 1e-5)
            #expect(abs(result.inputGradients[0][index] - (2 * Vector.mishDerivative(2 * x) + 7)) < 1e-5)
        }
    }

    @Test func `a chain's memory does not grow with its length, but for what training keeps`() {
        func plan(_ length: Int, _ purpose: Graph.Purpose) -> Plan {
            let graph = Graph(), store = ParameterStore()
            var value = graph.input([4, 32])
            for index in 0..<length {
                let weight = store.add("\(index)", [32, 32], .constant(0))
                value = graph.apply(MishOperation(), graph.apply(LinearOperation(weight: weight, bias: nil), value))
            }
            return graph.plan(for: purpose)
        }
        #expect(plan(3, .training).gradientCount == plan(30, .training).gradientCount)
        #expect(plan(3, .inference).slabCount == plan(30, .inference).slabCount)
        // The inputs of 2 n steps and the output.
        #expect(plan(30, .training).slabCount == 61 * 128)
    }

    @Test func `nothing upstream of parameters gets a gradient`() {
        let graph = Graph(), store = ParameterStore()
        let x = graph.input([2, 3]), condition = graph.input([2, 4], needsGradient: true)
        let weight = store.add("weight", [4, 3], .constant(0))
        let output = graph.apply(
            AddOperation(), graph.apply(LinearOperation(weight: weight, bias: nil), graph.apply(MishOperation(), x)), condition)
        let run = PlanRun(plan: graph.plan(), inputs: [x, condition], output: output, store: store)
        // The output, the condition and the linear layer's output, a cache line each.
        #expect(run.plan.gradientCount == 3 * 16)
        let upstream = RandomValues.normal(8, "upstream"), numbers = RandomValues.normal(6, "input")
        let result = run.result(
            [numbers, [Float](repeating: 0, count: 8)], run.weights([Float](repeating: 1, count: 12)), upstream: upstream,
            constants: [0])
        #expect(result.inputGradients == [upstream])
        #expect(result.parameterGradients.allSatisfy { $0.isFinite && $0 != 0 })
    }

    @Test func `gradients of a plan's own parameters may start at the first of them`() {
        let store = ParameterStore()
        _ = store.add("before", [37], .constant(0))
        let weight = store.add("weight", [5, 7], .constant(0)), bias = store.add("bias", [5], .constant(0))
        _ = store.add("after", [9], .constant(0))
        let graph = Graph(), x = graph.input([3, 7])
        let output = graph.apply(LinearOperation(weight: weight, bias: bias), x), plan = graph.plan()
        #expect(plan.parameterRange == 37..<77)
        let run = PlanRun(plan: plan, inputs: [x], output: output, store: store)
        let numbers = RandomValues.normal(21, "input"), upstream = RandomValues.normal(15, "upstream")
        let weights = run.weights(RandomValues.normal(store.count, "parameters"))
        let whole = run.result([numbers], weights, upstream: upstream, constants: [0]).parameterGradients
        #expect(whole[..<37].allSatisfy { $0 == 0 } && whole[77...].allSatisfy { $0 == 0 })

        let runner = PlanRunner(plan), part = FloatBuffer(count: 40)
        runner.set(x, numbers)
        runner.gradient(of: output).copy(from: upstream)
        runner.forward(weights)
        runner.backward(weights, addingTo: part, firstParameter: 37)
        #expect(Difference.first(part.array, Array(whole[37..<77])) == nil)
    }
}
