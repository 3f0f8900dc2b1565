import Basics
import Compute
import Safetensors
import TestSupport
import Testing

@Suite struct EMATests {
    @Test func `the decays of ten updates are the reference's`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/training.safetensors"))
        let parameters = FloatBuffer([0])
        let ema = EMA(parameters: parameters, power: 0.75, maximum: 0.9999)
        let pool = WorkerPool(workers: 1)
        let decays = (0..<10).map { _ in
            defer { ema.update(parameters: parameters, pool: pool) }
            return ema.decay
        }
        #expect(Difference.absolute(decays, try file.tensor("average_decays").values) < 1e-6)
    }

    @Test func `the decay stops growing at its maximum`() {
        let ema = EMA(parameters: FloatBuffer([0]), power: 0.75, maximum: 0.5)
        ema.stepCount = 100_000
        #expect(ema.decay == 0.5)
    }

    @Test func `an update moves the average by one minus the decay`() {
        let ema = EMA(parameters: FloatBuffer([1, -1]), power: 0.75, maximum: 0.9999)
        ema.stepCount = 4  // decay 1 - 4^-0.75 = 0.646447
        ema.update(parameters: FloatBuffer([2, 3]), pool: WorkerPool(workers: 1))
        #expect(Difference.absolute(ema.average.array, [1.353553, 0.414214]) < 1e-5)
        #expect(ema.stepCount == 5)
    }
}
