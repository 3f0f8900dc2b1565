import Basics
import Probes
import Testing

@Suite struct DifferenceTests {
    @Test func `Newcombe's interval equals the published example and scipy's Wilson bounds combined`() throws {
        for reference in try StatisticsReference.load().newcombe {
            let (counts, successes) = (reference.counts, reference.successes)
            let estimate = Newcombe.difference(
                share: Double(successes[0]) / Double(counts[0]), count: counts[0],
                minus: Double(successes[1]) / Double(counts[1]), count: counts[1])
            #expect(abs((estimate.low ?? .nan) - reference.low) < 1e-12)
            #expect(abs((estimate.high ?? .nan) - reference.high) < 1e-12)
        }
        // Newcombe 1998, table II, example (a), method 10: 56/70 - 48/80.
        let published = Newcombe.difference(share: 0.8, count: 70, minus: 0.6, count: 80)
        #expect(published.low.map { ($0 * 1e4).rounded() } == 524 && published.high.map { ($0 * 1e4).rounded() } == 3339)
        #expect(Newcombe.difference(share: 0.5, count: 0, minus: 0.5, count: 3) == Estimate(value: nil))
    }

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
