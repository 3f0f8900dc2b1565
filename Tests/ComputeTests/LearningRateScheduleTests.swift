import Compute
import Safetensors
import TestSupport
import Testing

@Suite struct LearningRateScheduleTests {
    @Test func `three warm-up steps of ten give the reference's rates`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/training.safetensors"))
        let schedule = LearningRateSchedule.cosine(warmupSteps: 3, totalSteps: 10)
        let rates = (0..<10).map { 1e-3 * schedule.factor(at: $0) }
        #expect(Difference.relative(rates, try file.tensor("learning_rates").values) < 1e-6)
        #expect(schedule.factor(at: 0) == 0)
    }

    @Test func `the factor is 1 after the warm-up, a half in the middle and 0 at the end`() {
        let schedule = LearningRateSchedule.cosine(warmupSteps: 500, totalSteps: 2500)
        #expect([250, 500, 1500, 2500].map(schedule.factor) == [0.5, 1, 0.5, 0])
        #expect(LearningRateSchedule.constant.factor(at: 7) == 1)
    }
}
