import Basics
import Compute
import Networks
import Safetensors
import TestSupport
import Testing

@testable import Policies

@Suite struct DiffusionTrainingTests {
    @Test func `ten steps of training have PyTorch's losses, norms, rates, weights and average`() throws {
        let training = try Safetensors.read(SharedData.fixture("goldens/training.safetensors"))
        let (trainer, metrics) = try trained(training, TinyDemonstrations.process)
        // PyTorch in float32 is up to 4e-7 away.
        #expect(Difference.elementwise(metrics.map(\.loss), try training.tensor("losses").values) < 3e-6)
        #expect(Difference.elementwise(metrics.map(\.gradientNorm), try training.tensor("gradient_norms").values) < 1e-5)
        #expect(Difference.relative(metrics.map(\.learningRate), try training.tensor("learning_rates").values) < 1e-6)
        #expect(metrics.map(\.step) == Array(1...10))
        let state = trainer.state()
        try expectWeights(state.model, "average/", training)
        try expectWeights(
            state.optimizer.filter { $0.name.hasPrefix("raw.") }.map { (String($0.name.dropFirst(4)), $0.tensor) },
            "weights/", training)
    }

    @Test func `ten steps of flow matching have PyTorch's losses and norms`() throws {
        let training = try Safetensors.read(SharedData.fixture("goldens/training.safetensors"))
        let expected = try Safetensors.read(SharedData.fixture("goldens/flow_training.safetensors"))
        let (_, metrics) = try trained(training, FlowMatchingProcess(levels: 100, steps: 10))
        #expect(Difference.elementwise(metrics.map(\.loss), try expected.tensor("losses").values) < 3e-6)
        #expect(Difference.elementwise(metrics.map(\.gradientNorm), try expected.tensor("gradient_norms").values) < 1e-5)
    }

    /// Ten steps on the golden's actions, noise and levels, as a process mixes them.
    private func trained(
        _ training: SafetensorsFile, _ process: any GenerativeProcess
    ) throws -> (trainer: DiffusionTrainer, metrics: [TrainingMetrics]) {
        let golden = try GoldenPolicy(), trainer = try makeTrainer(golden)
        let actions = try training.tensor("inputs/actions").values
        let noise = try training.tensor("inputs/noise").values
        let steps = try training.tensor("inputs/steps").values
        let metrics = try (0..<10).map { update in
            var batch = golden.observations
            batch.timesteps = Array(steps[update * 3..<(update + 1) * 3])
            let draws = noise[update * actions.count..<(update + 1) * actions.count]
            let entries = zip(zip(actions, draws), actions.indices.map { Int(batch.timesteps[$0 / (actions.count / 3)]) })
            batch.target = entries.map { process.target(clean: $0.0, noise: $0.1, at: $1) }
            batch.noisyActions = entries.map { process.noised($0.0, noise: $0.1, at: $1) }
            return try trainer.advance(on: batch)
        }
        return (trainer, metrics)
    }

    @Test func `a batch that is not finite stops the training and leaves the weights`() throws {
        let golden = try GoldenPolicy()
        let trainer = try makeTrainer(golden)
        _ = try trainer.advance(on: golden.observations)
        let before = trainer.state()
        var batch = golden.observations
        batch.target[5] = .nan
        let failure = #expect(throws: Failure.self) { try trainer.advance(on: batch) }
        #expect(failure?.kind == .diverged)
        #expect(failure?.location == "step 2")
        #expect(failure?.found?.contains(golden.network.store.parameters[0].name) == true)
        let after = trainer.state()
        #expect(after.counters == before.counters)
        #expect(after.model.map(\.tensor) == before.model.map(\.tensor))
        #expect(after.optimizer.map(\.tensor) == before.optimizer.map(\.tensor))
    }

    private func makeTrainer(_ golden: GoldenPolicy) throws -> DiffusionTrainer {
        let tiny = TinyDemonstrations()
        let trainer = DiffusionTrainer(
            name: "diffusion", golden.network,
            DiffusionTrainingConfiguration {
                ($0.steps, $0.batchSize, $0.warmupSteps) = (10, 3, 3)
                ($0.learningRate, $0.betas, $0.weightDecay) = (1e-3, [0.95, 0.999], 1e-6)
            }, objective: .generative(TinyDemonstrations.process),
            set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows, normalizer: tiny.normalizer,
            seed: .init(0), pool: WorkerPool(workers: 2))
        let weights = Goldens.parameters(golden.file)
        let moments = ["first_moment", "second_moment"].flatMap { prefix in
            weights.map { ("\(prefix).\($0.name)", Tensor(shape: $0.tensor.shape, values: $0.tensor.values.map { _ in 0 })) }
        }
        try trainer.restore(
            TrainingState(
                model: weights, optimizer: weights.map { ("raw.\($0.name)", $0.tensor) } + moments,
                counters: ["step": 0, "ema_step": 0]),
            from: "golden")
        return trainer
    }

    private func expectWeights(_ weights: [(name: String, tensor: Tensor)], _ prefix: String, _ golden: SafetensorsFile)
        throws
    {
        let named = Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.tensor) })
        let keys = golden.names.filter { $0.hasPrefix(prefix) }
        #expect(keys.count == 8)
        for key in keys {
            let tensor = try #require(named[String(key.dropFirst(prefix.count))])
            #expect(Difference.relative(tensor.values, try golden.tensor(key, shape: tensor.shape).values) < 4e-6, "\(key)")
        }
    }
}
