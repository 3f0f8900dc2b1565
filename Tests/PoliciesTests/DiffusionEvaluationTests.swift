import Basics
import Compute
import Networks
import Policies
import TestSupport
import Testing

/// One pass of the network is what the sampler's only step uses.
@Suite struct DiffusionEvaluationTests {
    private let tiny = TinyDemonstrations()

    @Test(arguments: [1, 2]) func `a sampler of one step gives the clean sequence of one evaluation`(_ workers: Int) throws {
        let network = tiny.diffusionNetwork()
        let process = DenoisingProcess(.ddim, schedule: NoiseSchedule(steps: 100), steps: 1, clipsPrediction: false)
        let policy = DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(Seed(24)), normalizer: tiny.normalizer,
            process: process, pool: WorkerPool(workers: workers))
        let observations = (0..<3).map { tiny.observation($0, 3) }
        let sampled = try policy.predict(observations, samples: 1, seed: Seed(5))
        let noisy = observations.indices.flatMap { row -> [Float] in
            var source = RandomSource(Seed(5) / row / 0)
            return (0..<16).map { _ in Float(source.normal()) }
        }
        let timestep = process.timesteps[0]
        let noise = policy.evaluate(
            noisy: noisy, timesteps: [Int](repeating: timestep, count: 3), conditions: policy.encode(observations),
            rows: [0, 1, 2])
        let clean = zip(noisy, noise).map { process.clean(noisy: $0, answer: $1, at: timestep) }
        let given = tiny.normalizer.normalizeActions(sampled.flatMap { $0[0].actions })
        #expect(zip(clean, given).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func `rows past a whole batch are answered as alone`() {
        let policy = tiny.diffusionPolicy(workers: 2)
        let conditions = policy.encode([tiny.observation(0, 3), tiny.observation(1, 2)])
        var numbers = RandomNumbers("noisy")
        let noisy = numbers.normal(70 * 16), rows = (0..<70).map { $0 % 2 }, steps = (0..<70).map { $0 }
        let all = policy.evaluate(noisy: noisy, timesteps: steps, conditions: conditions, rows: rows)
        let last = policy.evaluate(noisy: Array(noisy.suffix(16)), timesteps: [69], conditions: conditions, rows: [1])
        #expect(all.count == noisy.count && Array(all.suffix(16)) == last)
    }
}
