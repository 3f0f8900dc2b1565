import Basics
import Compute
import Networks
import TestSupport
import Testing

@testable import Policies

/// A process that is neither of the two in use: x_t on a straight line between data and noise, the network answers the
/// clean sequence, and the way back goes from the most noise to none.
private struct StraightProcess: GenerativeProcess {
    let levels = 20
    private func noiseShare(_ t: Int) -> Float { Float(t + 1) / Float(levels) }
    func mixture(at t: Int) -> Mixture { Mixture(data: 1 - noiseShare(t), noise: noiseShare(t)) }
    func target(clean: Float, noise: Float, at t: Int) -> Float { clean }
    func clean(noisy: Float, answer: Float, at t: Int) -> Float { answer }
    func answer(noisy: Float, clean: Float, at t: Int) -> Float { clean }

    let timesteps = [19, 14, 9, 4]
    func drawsNoise(_ index: Int) -> Bool { false }
    func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        let before = noiseShare(timesteps[index]), after = index + 1 < timesteps.count ? noiseShare(timesteps[index + 1]) : 0
        for i in x.indices { x[i] = answer[i] + (x[i] - answer[i]) * after / before }
    }
}

/// Training and sampling ask the process for all that is its own, so that a new one needs no other file.
@Suite struct GenerativeProcessTests {
    private let tiny = TinyDemonstrations(lengths: [12, 9])
    private let process = StraightProcess()
    private static let processes: [any GenerativeProcess] = [StraightProcess(), TwoStepProcess(), FlowMatchingProcess(levels: 100, steps: 10)]

    @Test func `a batch has the process's mixture of data and noise, its target and its levels`() {
        func batch(_ objective: TrainingObjective) -> DiffusionBatch {
            DiffusionBatchSource(
                set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows, normalizer: tiny.normalizer,
                configuration: tiny.diffusionNetwork().configuration, objective: objective, seed: Seed(3),
                pool: WorkerPool(workers: 1)
            ).batch(step: 0, size: 16)
        }
        let straight = batch(.generative(process)), noise = batch(.generative(TinyDemonstrations.process))
        let actions = batch(.regression)
        #expect(Difference.first(straight.target, actions.target) == nil)
        #expect(Difference.first(noise.target, actions.target) != nil)
        #expect(straight.timesteps.contains { $0 > 0 } && straight.timesteps.allSatisfy { $0 < 20 })
        // The draws are those of any other process.
        let expected = straight.target.indices.map { place in
            process.noised(straight.target[place], noise: noise.target[place], at: Int(straight.timesteps[place / 16]))
        }
        #expect(Difference.first(straight.noisyActions, expected) == nil)
    }

    /// A velocity, as ε, holds the noise that the network was given, which one this small hands on badly: where it answers the clean
    /// sequence it learns sooner and with fewer channels.
    @Test(arguments: processes.indices) func `a policy trained and sampled by another process answers its demonstrations`(_ number: Int) throws {
        let process = Self.processes[number], asksForNoise = process is FlowMatchingProcess, steps = asksForNoise ? 1600 : 400
        let trainer = DiffusionTrainer(
            name: "straight", tiny.diffusionNetwork(channels: asksForNoise ? [16, 32] : [8, 16]),
            .init {
                ($0.steps, $0.batchSize, $0.warmupSteps) = (steps, 8, 2)
                ($0.learningRate, $0.emaMaximum) = (3e-3, 0.9)
            },
            objective: .generative(process), set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows,
            normalizer: tiny.normalizer, seed: Seed(3), pool: WorkerPool(workers: 2))
        for _ in 0..<steps { _ = try trainer.advance() }
        let policy = DiffusionPolicy(
            network: trainer.network, parameters: trainer.average, normalizer: tiny.normalizer,
            process: process, pool: WorkerPool(workers: 2))
        let answers = try policy.predict([tiny.observation(0, 4), tiny.observation(1, 2)], samples: 2, seed: Seed(0))
        for (answer, truth) in zip(answers, [tiny.actions(0, 4), tiny.actions(1, 2)]) {
            let error = zip(answer[0].actions, truth).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Float(truth.count)
            #expect(error < 0.02)
        }
    }
}
