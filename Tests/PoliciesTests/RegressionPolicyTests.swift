import Basics
import Compute
import Networks
import Testing

@testable import Policies

@Suite struct RegressionPolicyTests {
    private let tiny = TinyDemonstrations(lengths: [12, 9])

    /// Trains by regression for a while.
    private func trained(steps: Int) throws -> (trainer: DiffusionTrainer, losses: [Float]) {
        let trainer = DiffusionTrainer(
            name: "regression", tiny.diffusionNetwork(),
            .init {
                ($0.steps, $0.batchSize, $0.warmupSteps, $0.emaMaximum) = (steps, 8, 2, 0.9)
                ($0.learningRate, $0.betas, $0.weightDecay) = (3e-3, [0.9, 0.999], 0)
            }, objective: .regression, set: tiny.set, layout: TinyDemonstrations.layout,
            windows: tiny.windows, normalizer: tiny.normalizer, seed: Seed(3), pool: WorkerPool(workers: 2))
        return (trainer, try (0..<steps).map { _ in try trainer.advance().loss })
    }

    @Test func `the loss is the mean squared error of the actions themselves`() throws {
        // Untrained, the network's answer is unrelated to the actions; zeros at timestep 0 are its only noisy input.
        let trainer = DiffusionTrainer(
            name: "regression", tiny.diffusionNetwork(), .init { ($0.steps, $0.batchSize) = (1, 4) }, objective: .regression,
            set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows,
            normalizer: tiny.normalizer, seed: Seed(3), pool: WorkerPool(workers: 1))
        let network = tiny.diffusionNetwork()
        let source = DiffusionBatchSource(
            set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows, normalizer: tiny.normalizer,
            configuration: network.configuration, objective: .regression, seed: Seed(3),
            pool: WorkerPool(workers: 1))
        let batch = source.batch(step: 0, size: 4)
        #expect(batch.noisyActions.allSatisfy { $0 == 0 } && batch.timesteps == [0, 0, 0, 0])
        #expect(batch.target.contains { $0 != 0 })
        let expected = try trainer.advance().loss
        let (loss, _) = DiffusionGradient(network, batchSize: 4, pool: WorkerPool(workers: 1)).run(
            batch, parameters: network.store.makeInitialized(Seed(3) / "initial"))
        #expect(loss == expected)
    }

    @Test func `it learns to answer the actions in one pass, the same for every sample and seed`() throws {
        let (trainer, losses) = try trained(steps: 400)
        #expect(losses.suffix(20).reduce(0, +) / 20 < 0.1 * losses[0])
        let network = DiffusionPolicy(
            network: trainer.network, parameters: trainer.average, normalizer: tiny.normalizer,
            process: DenoisingProcess(.ddim, schedule: NoiseSchedule(steps: 100), steps: 2), pool: WorkerPool(workers: 2))
        let policy = RegressionPolicy(network: network)
        let answers = try policy.predict([tiny.observation(0, 4), tiny.observation(1, 2)], samples: 2, seed: Seed(0))
        #expect(answers.allSatisfy { $0[0] == $0[1] })
        #expect(answers == (try policy.predict([tiny.observation(0, 4), tiny.observation(1, 2)], samples: 2, seed: Seed(9))))
        for (answer, truth) in zip(answers, [tiny.actions(0, 4), tiny.actions(1, 2)]) {
            let error = zip(answer[0].actions, truth).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Float(truth.count)
            #expect(error < 0.02)
        }
    }
}
