import Networks
import Safetensors
import TestSupport
import Testing

@Suite struct DiffusionSamplerTests {
    private let schedule = NoiseSchedule(steps: 100)

    @Test func `DDPM with 100 steps follows PyTorch's trajectory`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/schedule.safetensors"))
        let noises = try file.tensor("ddpm/noises").values
        let sampler = DiffusionSampler(.ddpm, schedule: schedule, steps: 100)
        #expect(sampler.timesteps == (0..<100).reversed())
        #expect(sampler.timesteps.indices.filter { !sampler.drawsNoise($0) } == [99])
        try expectTrajectory("ddpm", sampler, file) { t, count in Array(noises[t * count..<(t + 1) * count]) }
    }

    @Test func `DDIM with 10 steps follows PyTorch's trajectory`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/schedule.safetensors"))
        let sampler = DiffusionSampler(.ddim, schedule: schedule, steps: 10)
        #expect(sampler.timesteps.map(Float.init) == (try file.tensor("ddim/steps").values))
        #expect(!sampler.timesteps.indices.contains { sampler.drawsNoise($0) })
        // Noise that is not to be read.
        try expectTrajectory("ddim", sampler, file) { _, count in [Float](repeating: .nan, count: count) }
    }

    /// With one clean value μ the exact noise prediction is known and x_t is normal with mean √ᾱ_t μ and variance
    /// 1 - ᾱ_t. A step is linear in x and noise, so two probes give the mean and variance it leads to: they must be
    /// those of the timestep it goes to, which a posterior between t and t - 1 misses when timesteps are left out.
    @Test(arguments: [100, 50, 20, 10, 4, 1], DiffusionSampler.Kind.allCases)
    func `every step leads to the distribution of the timestep it goes to`(_ steps: Int, _ kind: DiffusionSampler.Kind) {
        let sampler = DiffusionSampler(kind, schedule: schedule, steps: steps, clipsPrediction: false)
        let clean = 0.5
        for (index, t) in sampler.timesteps.enumerated() {
            let before = schedule.alphaBar(t)
            let after = schedule.alphaBar(index + 1 < steps ? sampler.timesteps[index + 1] : -1)
            func step(_ deviation: Double, noise: Float) -> Double {
                var x = [Float(before.squareRoot() * clean + (1 - before).squareRoot() * deviation)]
                x.withUnsafeMutableBufferPointer { x in
                    [Float(deviation)].withUnsafeBufferPointer { epsilon in
                        [noise].withUnsafeBufferPointer { sampler.step(index, x, epsilon: epsilon, noise: $0) }
                    }
                }
                return Double(x[0])
            }
            let mean = step(0, noise: 0)
            let fromSample = step(1, noise: 0) - mean
            let fromNoise = sampler.drawsNoise(index) ? step(0, noise: 1) - mean : 0
            #expect(abs(mean - after.squareRoot() * clean) < 1e-5, "t = \(t)")
            #expect(abs(fromSample * fromSample + fromNoise * fromNoise - (1 - after)) < 1e-5, "t = \(t)")
        }
    }

    private func expectTrajectory(
        _ name: String, _ sampler: DiffusionSampler, _ file: SafetensorsFile, noise: (_ t: Int, _ count: Int) -> [Float]
    ) throws {
        var x = try file.tensor("start").values
        let trajectory = try file.tensor("\(name)/trajectory").values
        let count = x.count
        for (index, t) in sampler.timesteps.enumerated() {
            let epsilon = x.map { 0.8 * $0 + 0.3 * Float(t) / 100 - 0.1 }
            x.withUnsafeMutableBufferPointer { x in
                epsilon.withUnsafeBufferPointer { epsilon in
                    noise(t, count).withUnsafeBufferPointer { sampler.step(index, x, epsilon: epsilon, noise: $0) }
                }
            }
            let expected = Array(trajectory[(index + 1) * count..<(index + 2) * count])
            #expect(Difference.relative(x, expected) < 2e-6, "after t = \(t)")
        }
    }
}
