import Networks
import Safetensors
import TestSupport
import Testing

@Suite struct DenoisingProcessTests {
    private let schedule = NoiseSchedule(steps: 100)

    @Test func `DDPM with 100 steps follows PyTorch's trajectory`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/schedule.safetensors"))
        let noises = try file.tensor("ddpm/noises").values
        let process = DenoisingProcess(.ddpm, schedule: schedule, steps: 100)
        #expect(process.timesteps == (0..<100).reversed())
        #expect(process.timesteps.indices.filter { !process.drawsNoise($0) } == [99])
        try expectTrajectory("ddpm", process, file) { t, count in Array(noises[t * count..<(t + 1) * count]) }
    }

    @Test func `DDIM with 10 steps follows PyTorch's trajectory`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/schedule.safetensors"))
        let process = DenoisingProcess(.ddim, schedule: schedule, steps: 10)
        #expect(process.timesteps.map(Float.init) == (try file.tensor("ddim/steps").values))
        #expect(!process.timesteps.indices.contains { process.drawsNoise($0) })
        // Noise that is not to be read.
        try expectTrajectory("ddim", process, file) { _, count in [Float](repeating: .nan, count: count) }
    }

    /// With one clean value μ the exact noise prediction is known and x_t is normal with mean √ᾱ_t μ and variance
    /// 1 - ᾱ_t. A step is linear in x and noise, so two probes give the mean and variance it leads to: they must be
    /// those of the timestep it goes to, which a posterior between t and t - 1 misses when timesteps are left out.
    @Test(arguments: [100, 50, 20, 10, 4, 1], DenoisingProcess.Kind.allCases)
    func `every step leads to the distribution of the timestep it goes to`(_ steps: Int, _ kind: DenoisingProcess.Kind) {
        let process = DenoisingProcess(kind, schedule: schedule, steps: steps, clipsPrediction: false)
        let clean = 0.5
        for (index, t) in process.timesteps.enumerated() {
            let before = schedule.alphaBar(t)
            let after = schedule.alphaBar(index + 1 < steps ? process.timesteps[index + 1] : -1)
            func step(_ deviation: Double, noise: Float) -> Double {
                var x = [Float(before.squareRoot() * clean + (1 - before).squareRoot() * deviation)]
                process.step(index, &x, answer: [Float(deviation)], noise: [noise])
                return Double(x[0])
            }
            let mean = step(0, noise: 0)
            let fromSample = step(1, noise: 0) - mean
            let fromNoise = process.drawsNoise(index) ? step(0, noise: 1) - mean : 0
            #expect(abs(mean - after.squareRoot() * clean) < 1e-5, "t = \(t)")
            #expect(abs(fromSample * fromSample + fromNoise * fromNoise - (1 - after)) < 1e-5, "t = \(t)")
        }
    }

    @Test func `the right answer at a noised entry means the clean one, and the other way round`() {
        let process = DenoisingProcess(.ddpm, schedule: schedule, steps: 100)
        for t in [0, 20, 49, 80] {
            for (clean, noise) in [(Float(0.5), Float(-1.5)), (-0.9, 0.2)] {
                let noisy = process.noised(clean, noise: noise, at: t)
                let answer = process.target(clean: clean, noise: noise, at: t)
                #expect(abs(process.clean(noisy: noisy, answer: answer, at: t) - clean) < 1e-5, "t = \(t)")
                #expect(abs(process.answer(noisy: noisy, clean: clean, at: t) - answer) < 1e-4, "t = \(t)")
            }
        }
    }

    @Test func `the way back with the answers of one clean sequence ends at it, and draws noise only where a step does`() {
        for (kind, draws) in [(DenoisingProcess.Kind.ddpm, 9), (.ddim, 0)] {
            let process = DenoisingProcess(kind, schedule: schedule, steps: 10), clean: [Float] = [0.25, -0.75]
            var x: [Float] = [1.5, -0.5], drawn: [Int] = []
            process.reverse(&x, noise: { index in
                drawn.append(index)
                return [0.3, -1.1]
            }) { x, index in
                zip(x, clean).map { process.answer(noisy: $0, clean: $1, at: process.timesteps[index]) }
            }
            #expect(Difference.absolute(x, clean) < 1e-5)
            #expect(drawn == Array(0..<draws))
        }
    }

    @Test(arguments: DenoisingProcess.Kind.allCases)
    func `a network that answers the clean sequence, clipped to another range, follows PyTorch's trajectory`(_ kind: DenoisingProcess.Kind) throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/lerobot.safetensors"))
        let process = DenoisingProcess(kind, predicting: .clean, schedule: schedule, steps: 5, clipRange: 2)
        let noises = try file.tensor("clean/noises").values, expected = try file.tensor("clean/\(kind.rawValue)").values
        var x = try file.tensor("clean/start").values
        let count = x.count
        for (index, t) in process.timesteps.enumerated() {
            let answer = x.map { 1.5 * $0 - 0.4 * Float(t) / 100 + 0.1 }
            process.step(index, &x, answer: answer, noise: Array(noises[index * count..<(index + 1) * count]))
            #expect(Difference.relative(x, Array(expected[(index + 1) * count..<(index + 2) * count])) < 2e-6, "after t = \(t)")
        }
        #expect(process.target(clean: 0.5, noise: 9, at: 3) == 0.5 && process.clean(noisy: 9, answer: 0.5, at: 3) == 0.5)
        #expect(process.answer(noisy: 9, clean: 0.5, at: 3) == 0.5)
    }

    private func expectTrajectory(
        _ name: String, _ process: DenoisingProcess, _ file: SafetensorsFile, noise: (_ t: Int, _ count: Int) -> [Float]
    ) throws {
        var x = try file.tensor("start").values
        let trajectory = try file.tensor("\(name)/trajectory").values
        let count = x.count
        for (index, t) in process.timesteps.enumerated() {
            let epsilon = x.map { 0.8 * $0 + 0.3 * Float(t) / 100 - 0.1 }
            process.step(index, &x, answer: epsilon, noise: noise(t, count))
            let expected = Array(trajectory[(index + 1) * count..<(index + 2) * count])
            #expect(Difference.relative(x, expected) < 2e-6, "after t = \(t)")
        }
    }
}
