import Basics
import Compute
import Testing

@Suite struct OperationProfileTests {
    @Test(arguments: [1, 3]) func `calls, flops and seconds add up over runs, once for a team`(_ members: Int) {
        let graph = Graph(), store = ParameterStore()
        let x = graph.input([6, 8])
        let weights = (0..<2).map { store.add("\($0)", [8, 8], .constant(1)) }
        var output = x
        for weight in weights { output = graph.apply(LinearOperation(weight: weight, bias: nil), output) }
        output = graph.apply(MishOperation(), output)
        let plan = graph.plan(), profile = OperationProfile()
        let runner = PlanRunner(plan, pool: WorkerPool(workers: members), profile: profile)
        let packed = Weights(store, parameters: store.makeBuffer(), forTraining: true)
        for _ in 0..<2 { runner.forward(packed) }
        runner.backward(packed, addingTo: store.makeBuffer())
        let product = 2 * 6 * 8 * 8, entries = profile.entries
        #expect(entries.count == 4)
        func entry(_ name: String, _ phase: OperationProfile.Phase) -> OperationProfile.Entry? {
            entries.first { $0.operation == name && $0.phase == phase }
        }
        #expect(entry("linear", .forward)?.calls == 4)
        #expect(entry("linear", .forward)?.flops == 4 * product)
        #expect(entry("mish", .forward)?.calls == 2)
        #expect(plan.flops == 2 * product + 10 * 48)
        // The first layer's input needs no gradient, so its way back is one product.
        #expect(entry("linear", .backward)?.calls == 2)
        #expect(entry("linear", .backward)?.flops == 3 * product)
        #expect(entry("mish", .backward)?.calls == 1)
        #expect(entries.allSatisfy { $0.seconds > 0 && $0.seconds < 10 })
        let seconds = entries.map(\.seconds), descending = seconds.sorted(by: >)
        #expect(seconds == descending)
        profile.reset()
        #expect(profile.entries.isEmpty)
    }
}
