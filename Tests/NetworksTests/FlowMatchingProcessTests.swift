import Basics
import Networks
import TestSupport
import Testing

@Suite struct FlowMatchingProcessTests {
    private let process = FlowMatchingProcess(levels: 100, steps: 10)

    @Test func `levels lie on a line from noise to data, and the target is its direction`() {
        #expect(process.levels == 100 && process.mixture(at: 0) == Mixture(data: 0, noise: 1))
        #expect(process.noised(0.5, noise: -2, at: 0) == -2)
        #expect(abs(process.noised(0.5, noise: -2, at: 25) - (0.75 * -2 + 0.25 * 0.5)) < 1e-6)
        #expect(abs(process.noised(0.5, noise: -2, at: 99) - (0.01 * -2 + 0.99 * 0.5)) < 1e-6)
        for t in [0, 25, 99] { #expect(process.target(clean: 0.5, noise: -2, at: t) == 2.5) }
        // The derivative of the mixture by s.
        let rise = (process.noised(0.5, noise: -2, at: 26) - process.noised(0.5, noise: -2, at: 25)) * 100
        #expect(abs(rise - 2.5) < 1e-4)
        #expect(abs(process.mixture(at: 25).alphaBar - 0.0625 / 0.625) < 1e-12)
    }

    @Test func `clean follows the target to its end, and answer is its inverse`() {
        for t in [0, 1, 25, 50, 99] {
            let noisy = process.noised(0.5, noise: -2, at: t)
            #expect(abs(process.clean(noisy: noisy, answer: process.target(clean: 0.5, noise: -2, at: t), at: t) - 0.5) < 1e-5)
            #expect(abs(process.clean(noisy: noisy, answer: process.answer(noisy: noisy, clean: -0.7, at: t), at: t) + 0.7) < 1e-5)
        }
    }

    @Test(arguments: [(100, 10), (100, 7), (100, 100), (8, 3), (1, 1)]) func `the way back along one line ends at its data, whatever the steps`(levels: Int, steps: Int) {
        let process = FlowMatchingProcess(levels: levels, steps: steps)
        #expect(process.timesteps.count == steps && process.timesteps.first == 0 && process.timesteps == Set(process.timesteps).sorted())
        #expect(process.timesteps.indices.allSatisfy { !process.drawsNoise($0) })
        let start: [Float] = [3, -4], end: [Float] = [0.5, -1]
        var x = start
        process.reverse(&x, noise: { _ in [] }) { x, index in
            #expect(Difference.absolute(x, (0..<2).map { process.noised(end[$0], noise: start[$0], at: process.timesteps[index]) }) < 1e-5)
            return zip(end, start).map { process.target(clean: $0, noise: $1, at: process.timesteps[index]) }
        }
        #expect(Difference.absolute(x, end) < 1e-5)
    }

    /// Of data that are standard normal in one dimension about 0.3 with deviation 0.2 the mean of x_0 given x_s is known, and so is
    /// where the flow takes a draw: the line keeps the order, so that quantiles go to quantiles.
    @Test func `Euler's steps with the exact velocity of a normal distribution take quantiles to quantiles`() {
        let process = FlowMatchingProcess(levels: 1000, steps: 1000), centre: Float = 0.3, deviation: Float = 0.2
        for start: Float in [-2, -0.5, 0, 1, 2] {
            var x = [start]
            process.reverse(&x, noise: { _ in [] }) { x, index in
                let t = process.timesteps[index], mixture = process.mixture(at: t)
                let spread = mixture.data * mixture.data * deviation * deviation + mixture.noise * mixture.noise
                let clean = centre + mixture.data * deviation * deviation / spread * (x[0] - mixture.data * centre)
                return [process.answer(noisy: x[0], clean: clean, at: t)]
            }
            #expect(abs(x[0] - (centre + deviation * start)) < 2e-3)
        }
    }
}
