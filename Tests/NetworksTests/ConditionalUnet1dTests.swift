import Compute
import Networks
import TestSupport
import Testing

@Suite struct ConditionalUnet1dTests {
    @Test func `output, loss and every gradient are PyTorch's`() throws {
        let golden = try GoldenNetwork("unet")
        let store = ParameterStore()
        let graph = Graph()
        let unet = ConditionalUnet1d(
            store, "model", actionDimension: 7, globalCondition: 20,
            UnetConfiguration { ($0.downDims, $0.stepEmbedding) = ([8, 16, 32], 16) })
        let sample = graph.input([3, 16, 7])
        let step = graph.input([3])
        let condition = graph.input([3, 20])
        let target = graph.input([3, 16, 7])
        let output = unet(sample, step: step, condition: condition)
        let loss = graph.apply(MeanSquaredErrorOperation(), output, target)
        let run = PlanRunner(graph.plan(), poisoned: true), gradients = store.makeBuffer()
        for (value, name) in [(sample, "x"), (step, "steps"), (condition, "condition"), (target, "target")] {
            run.set(value, try golden.rows("inputs/\(name)"))
        }
        let error = run.trainingPass(try golden.weights(store, prefix: "model."), loss: loss, addingTo: gradients)
        #expect(
            Difference.relative(run.array(output), try golden.rows("output")) <= (try golden.tolerance("outputs")))
        #expect(Difference.relative([error], try golden.rows("loss")) <= (try golden.tolerance("loss")))
        #expect(try golden.disagreements(store, gradients, prefix: "model.") == [])
    }

    @Test(arguments: [
        ([512, 1024, 2048], 255_601_287), ([128, 256, 512], 18_287_751), ([64, 128, 256], 5_400_455),
    ])
    func `published sizes have the published numbers of parameters`(_ dims: [Int], _ count: Int) {
        let store = ParameterStore()
        _ = ConditionalUnet1d(
            store, "model", actionDimension: 7, globalCondition: 274,
            UnetConfiguration { ($0.downDims, $0.stepEmbedding) = (dims, 128) })
        #expect(store.count == count)
    }

    @Test func `the compact network needs 0.02 billion multiplications a step`() {
        let store = ParameterStore()
        let graph = Graph()
        let unet = ConditionalUnet1d(store, "model", actionDimension: 7, globalCondition: 274, UnetConfiguration())
        _ = unet(graph.input([1, 16, 7]), step: graph.input([1]), condition: graph.input([1, 274]))
        // A multiplication and an addition each count in flops.
        #expect(abs(Double(graph.plan().flops) / 2e9 - 0.020) < 0.001)
    }
}
