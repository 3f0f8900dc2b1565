import Basics
import Compute
import Networks
import TestSupport
import Testing

@testable import Policies

@Suite struct DiffusionGradientTests {
    @Test(arguments: [1, 2]) func `loss and every gradient of the whole policy are PyTorch's`(_ workers: Int) throws {
        let golden = try GoldenPolicy()
        let parameters = try Goldens.buffer(golden.file, golden.network.store)
        var batch = golden.observations
        batch.noisyActions = try golden.file.tensor("inputs/x").values
        batch.timesteps = try golden.file.tensor("inputs/steps").values
        batch.target = try golden.file.tensor("inputs/target").values
        let gradient = DiffusionGradient(golden.network, batchSize: 3, pool: WorkerPool(workers: workers))
        // The second run sees memory that is no longer clean.
        for _ in 0..<2 {
            let (loss, gradients) = gradient.run(batch, parameters: parameters)
            #expect(Difference.relative([loss], try golden.file.tensor("loss").values) < 1e-6)
            #expect(try Goldens.disagreements(golden.file, golden.network.store, gradients) == [])
            // What is held out is only carried forward.
            #expect(gradient.loss(batch, parameters: parameters) == loss)
        }
    }

    @Test(arguments: [1, 3, 8]) func `any number of workers gives the same bits`(_ batchSize: Int) throws {
        let tiny = TinyDemonstrations()
        let network = tiny.diffusionNetwork()
        let c = network.configuration
        let parameters = network.store.makeInitialized(.init(1))
        func noise(_ count: Int, _ name: String) -> [Float] {
            var source = RandomNumbers(name)
            return source.normal(count)
        }
        let chunk = c.horizon * c.actionDimension
        let batch = DiffusionBatch(
            images: noise(batchSize * 4 * c.imageCount, "images"), lowDim: noise(batchSize * 6, "lowDim"),
            noisyActions: noise(batchSize * chunk, "actions"), timesteps: (0..<batchSize).map { Float($0 * 11) },
            target: noise(batchSize * chunk, "noise"))
        func run(_ workers: Int) -> [Float] {
            let pool = WorkerPool(workers: workers)
            let result = DiffusionGradient(network, batchSize: batchSize, pool: pool).run(batch, parameters: parameters)
            return [result.loss] + result.gradients.array
        }
        let one = run(1)
        #expect(one == run(2))
        #expect(one == run(3))
        #expect(one.allSatisfy { $0.isFinite })
    }
}
