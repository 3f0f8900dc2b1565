import Basics
import Compute
import Networks
import Safetensors
import TestSupport
import Testing

@testable import Policies

@Suite struct ActionChunkingPolicyTests {
    private let tiny = TinyDemonstrations(lengths: [12, 9])
    private static let sizes = ActionChunkingConfiguration(
        cameras: ["agentview_image", "robot0_eye_in_hand_image"], imageSize: 20, lowDimWidths: [3, 4, 2], actionDimension: 7,
        horizon: 16, observationSteps: 2, encoder: .init { $0.channels = [4, 8] },
        transformer: .init { ($0.width, $0.heads, $0.feedForward) = (8, 2, 12) })

    private func golden() throws -> (file: SafetensorsFile, network: ActionChunkingNetwork, batch: DiffusionBatch) {
        let file = try Safetensors.read(SharedData.fixture("goldens/action_chunking.safetensors"))
        let zeros = [Float](repeating: 0, count: 3 * 16 * 7)
        let batch = DiffusionBatch(
            images: try Goldens.interleaved(["front", "hand"].map { try file.tensor("inputs/\($0)") }),
            lowDim: try file.tensor("inputs/low_dim").values, noisyActions: zeros, timesteps: [0, 0, 0],
            target: try file.tensor("inputs/target").values)
        return (file, ActionChunkingNetwork(Self.sizes), batch)
    }

    @Test(arguments: [1, 2]) func `loss and every gradient of the whole network are PyTorch's`(_ workers: Int) throws {
        let (file, network, batch) = try golden()
        let parameters = try Goldens.buffer(file, network.store)
        let gradient = DiffusionGradient(network, batchSize: 3, loss: .absolute, pool: WorkerPool(workers: workers))
        // The second run sees memory that is no longer clean.
        for _ in 0..<2 {
            let (loss, gradients) = gradient.run(batch, parameters: parameters)
            #expect(Difference.relative([loss], try file.tensor("loss").values) < 1e-6)
            #expect(try Goldens.disagreements(file, network.store, gradients) == [])
        }
    }

    @Test func `ten steps of training have PyTorch's losses and norms`() throws {
        let (file, network, batch) = try golden()
        let expected = try Safetensors.read(SharedData.fixture("goldens/action_chunking_training.safetensors"))
        let trainer = SequenceTrainer(
            name: "act", network,
            DiffusionTrainingConfiguration {
                ($0.steps, $0.batchSize, $0.warmupSteps) = (10, 3, 3)
                ($0.learningRate, $0.betas, $0.weightDecay) = (1e-3, [0.95, 0.999], 1e-6)
            }, objective: .absoluteRegression, set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows,
            normalizer: tiny.normalizer, seed: .init(0), pool: WorkerPool(workers: 2))
        let weights = Goldens.parameters(file)
        let moments = ["first_moment", "second_moment"].flatMap { prefix in
            weights.map { ("\(prefix).\($0.name)", Tensor(shape: $0.tensor.shape, values: $0.tensor.values.map { _ in 0 })) }
        }
        try trainer.restore(
            TrainingState(
                model: weights, optimizer: weights.map { ("raw.\($0.name)", $0.tensor) } + moments, counters: ["step": 0, "ema_step": 0]),
            from: "golden")
        let metrics = try (0..<10).map { _ in try trainer.advance(on: batch) }
        // PyTorch in float32 is up to 3e-7 away.
        #expect(Difference.elementwise(metrics.map(\.loss), try expected.tensor("losses").values) < 3e-6)
        #expect(Difference.elementwise(metrics.map(\.gradientNorm), try expected.tensor("gradient_norms").values) < 2e-5)
    }

    private func trainer(steps: Int, workers: Int = 2) -> SequenceTrainer<ActionChunkingNetwork> {
        let network = ActionChunkingNetwork(
            .init(
                cameras: tiny.set.cameras.map(\.key), imageSize: 12, lowDimWidths: [3], actionDimension: 2, horizon: 8,
                observationSteps: 2, encoder: .init { $0.channels = [4, 8] },
                transformer: .init { ($0.width, $0.heads, $0.feedForward) = (16, 2, 32) }))
        return SequenceTrainer(
            name: "act", network,
            .init {
                ($0.steps, $0.batchSize, $0.warmupSteps, $0.emaMaximum) = (steps, 8, 2, 0.9)
                ($0.learningRate, $0.betas, $0.weightDecay) = (3e-3, [0.9, 0.999], 0)
            }, objective: .absoluteRegression, set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows,
            normalizer: tiny.normalizer, seed: Seed(3), pool: WorkerPool(workers: workers))
    }

    @Test func `it learns to answer the actions in one pass, the same for every sample and seed`() throws {
        let trainer = trainer(steps: 500)
        for _ in 0..<500 { _ = try trainer.advance() }
        let policy = ActionChunkingPolicy(
            network: trainer.network, parameters: trainer.average, normalizer: tiny.normalizer, pool: WorkerPool(workers: 2))
        let observations = [tiny.observation(0, 4), tiny.observation(1, 2)]
        let answers = try policy.predict(observations, samples: 2, seed: Seed(0))
        #expect(answers.allSatisfy { $0[0] == $0[1] })
        #expect(answers == (try policy.predict(observations, samples: 2, seed: Seed(9))))
        for (answer, truth) in zip(answers, [tiny.actions(0, 4), tiny.actions(1, 2)]) {
            let error = zip(answer[0].actions, truth).map { abs($0 - $1) }.reduce(0, +) / Float(truth.count)
            #expect(error < 0.1)
        }
        // An answer is the same however many are asked for at once, up to the rounding of products of another size.
        let many = try policy.predict(Array(repeating: observations, count: 10).flatMap { $0 }, samples: 1, seed: Seed(0))
        #expect(many.count == 20 && Difference.absolute(many[18][0].actions, answers[0][0].actions) < 1e-5)
        #expect(policy.cost.inferenceSteps == 1 && policy.cost.parameters == trainer.network.store.count && policy.cost.macs > 0)
    }

    @Test func `any number of workers gives the same bits`() throws {
        func losses(_ workers: Int) throws -> [Float] {
            let trainer = trainer(steps: 5, workers: workers)
            return try (0..<5).map { _ in try trainer.advance().loss } + trainer.average.array
        }
        #expect(try losses(1) == losses(3))
    }
}
