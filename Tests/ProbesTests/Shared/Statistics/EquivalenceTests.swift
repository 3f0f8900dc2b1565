import Basics
import Probes
import Testing

@Suite struct EquivalenceTests {
    @Test func `two one-sided tests agree with scipy's normal ones, from an interval and from replicates`() throws {
        for reference in try StatisticsReference.load().equivalence {
            let estimate = Estimate(value: reference.value, low: reference.low95, high: reference.high95)
            let test = try #require(Equivalence(estimate, margin: reference.margin))
            #expect(abs(test.low - reference.low90) < 1e-12 && abs(test.high - reference.high90) < 1e-12)
            #expect(abs(test.pValue - reference.p) < 1e-9)
            #expect(test.isEquivalent == (reference.p < 0.05))
            var source = RandomSource(Seed(4))
            let error = (reference.high95 - reference.low95) / (2 * 1.959963984540054)
            let replicates = (0..<20000).map { _ in reference.value + error * source.normal() }
            let drawn = try #require(
                Equivalence(difference: reference.value, replicates: replicates, margin: reference.margin))
            #expect(abs(drawn.low - reference.low90) < 0.05 * error && abs(drawn.pValue - reference.p) < 0.015)
            #expect(drawn.isEquivalent == (reference.p < 0.05))
        }
        #expect(Equivalence(Estimate(value: 1), margin: 0.1) == nil)
        #expect(Equivalence(difference: 1, replicates: [.nan], margin: 0.1) == nil)
        #expect(Equivalence(Estimate(value: 0.5, low: 0.4, high: 0.6), margin: 0.1)?.isDifferent == true)
        #expect(Equivalence(Estimate(value: 0, low: 0, high: 0), margin: 0.1)?.pValue == 0)
    }
}
