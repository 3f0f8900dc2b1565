import Networks
import Safetensors
import TestSupport
import Testing

@Suite struct NoiseScheduleTests {
    private let schedule = NoiseSchedule(steps: 100)

    @Test(arguments: [(0, 0.999369), (49, 0.49384), (98, 2.4285e-4), (99, 2.4285e-7)])
    func `the products are those of diffusers`(_ t: Int, _ expected: Double) {
        // One unit in the last digit stated: 2.4285e-4 is cut, not rounded.
        #expect(abs(schedule.alphaBars[t] / expected - 1) < 5e-5)
    }

    @Test func `all hundred products and the noised samples are PyTorch's`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/schedule.safetensors"))
        let products = try file.tensor("alphas_cumulative", shape: [100]).values
        for (t, expected) in products.enumerated() {
            #expect(abs(Float(schedule.alphaBars[t]) / expected - 1) < 2e-6, "t = \(t)")
        }
        let clean = try file.tensor("add_noise/clean")
        let noise = try file.tensor("add_noise/noise").values
        let steps = try file.tensor("add_noise/steps").values
        let size = clean.values.count / steps.count
        let process = DenoisingProcess(.ddpm, schedule: schedule, steps: 100)
        let noised = clean.values.indices.map {
            process.noised(clean.values[$0], noise: noise[$0], at: Int(steps[$0 / size]))
        }
        #expect(Difference.elementwise(noised, try file.tensor("add_noise/output").values) < 1e-6)
    }

    @Test func `schedules kept in float32 have the bits of PyTorch's`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/lerobot.safetensors"))
        let roots = NoiseSchedule.singles(from: Float(1e-4.squareRoot()), to: Float(0.02.squareRoot()), steps: 100)
        for (name, betas) in [
            ("squaredcos_cap_v2", schedule.betas.map { Float($0) }), ("linear", NoiseSchedule.singles(from: 1e-4, to: 0.02, steps: 100)),
            ("scaled_linear", roots.map { $0 * $0 }),
        ] {
            let products = NoiseSchedule(singles: betas).alphaBars.map { Float($0) }
            #expect(Difference.elementwise(products, try file.tensor("schedule/\(name)").values) < 2e-7, "\(name)")
        }
    }

    @Test func `no step removes more than 99.9 percent, and before the first nothing is removed`() {
        #expect(schedule.betas.allSatisfy { $0 > 0 && $0 <= 0.999 })
        #expect(schedule.betas[99] == 0.999)
        #expect(schedule.alphaBar(-1) == 1)
    }
}
