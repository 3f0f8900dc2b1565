import Basics
@testable import Probes
import Testing

@Suite struct SuccessComparisonTests {
    private func outcomes(_ source: inout RandomSource, _ success: Double, _ count: Int) -> [Bool] {
        (0..<count).map { _ in source.uniform() < success }
    }

    /// Verdicts of `studies` simulated studies of two policies that succeed independently.
    private func verdicts(
        _ studies: Int, _ first: Double, _ second: Double, count: Int, batch: Int = 25
    ) -> [SuccessComparison.Verdict] {
        (0..<studies).map { study in
            var source = RandomSource(Seed(41) / study)
            let first = outcomes(&source, first, count)
            return SuccessComparison(first: first, second: outcomes(&source, second, count), batch: batch).verdict
        }
    }

    private func isDifferent(_ verdict: SuccessComparison.Verdict) -> Bool {
        if case .different = verdict { true } else { false }
    }

    @Test func `a policy against itself on 300 starts is equivalent`() {
        var source = RandomSource(Seed(42))
        let own = outcomes(&source, 0.7, 300)
        let comparison = SuccessComparison(first: own, second: own)
        #expect(comparison.verdict == .equivalent && comparison.decisionBundle == 300)
        #expect(comparison.pairs.difference == 0 && comparison.pairs.mcNemarP == 1 && comparison.largestEValue == 1)
        #expect(comparison.confidenceSequence.contains(0))
        // A margin within z² / (n + z²) = 0.0089 is more than 300 equal outcomes can show.
        let strict = SuccessComparison(first: own, second: own, margin: 0.0089)
        #expect(isDifferent(strict.verdict) == false && strict.verdict != .equivalent)
        #expect(SuccessComparison(first: own, second: own, margin: 0.009).verdict == .equivalent)
    }

    @Test func `0.9 against 0.5 is different after a whole number of batches, and what follows changes the table alone`() throws {
        var source = RandomSource(Seed(43))
        let first = outcomes(&source, 0.9, 300)
        let second = outcomes(&source, 0.5, 300)
        let comparison = SuccessComparison(first: first, second: second)
        guard case .different(let bundles) = comparison.verdict else {
            Issue.record("\(comparison.verdict)")
            return
        }
        #expect(bundles.isMultiple(of: 25) && bundles <= 75 && comparison.decisionBundle == bundles)
        #expect(comparison.largestEValue >= 20 && comparison.confidenceSequence.lies(above: 0))
        #expect(comparison.pairs.count == 300)
        let stopped = SuccessComparison(first: Array(first.prefix(bundles)), second: Array(second.prefix(bundles)))
        #expect(stopped.verdict == comparison.verdict && stopped.confidenceSequence == comparison.confidenceSequence)
        #expect(stopped.largestEValue == comparison.largestEValue && stopped.pairs.count == bundles)
        // Exchanged, the same with the sign turned.
        let exchanged = SuccessComparison(first: second, second: first)
        #expect(exchanged.verdict == comparison.verdict && exchanged.confidenceSequence.lies(below: 0))
    }

    @Test func `5 points of 40 starts are undecided`() throws {
        // 20 both, 6 only the first, 4 only the second, 10 neither, spread over the starts.
        let places = (0..<40).map { $0 * 7 % 40 }
        let comparison = SuccessComparison(
            first: places.map { $0 < 26 }, second: places.map { $0 < 20 || (26..<30).contains($0) })
        #expect(comparison.pairs == PairedSuccess(both: 20, onlyFirst: 6, onlySecond: 4, neither: 10))
        let detectable = try #require(PairedSuccess.smallestDetectableDifference(count: 40, discordantRate: 0.25))
        #expect(comparison.verdict == .undecided(smallestDetectableDifference: detectable))
        #expect(abs(detectable - 0.215) < 1e-3 && comparison.decisionBundle == 40)
    }

    @Test func `the last bundles are read though they fill no batch`() {
        let all = [Bool](repeating: true, count: 20)
        let none = [Bool](repeating: false, count: 20)
        #expect(SuccessComparison(first: all, second: none).verdict == .different(afterBundles: 20))
        #expect(SuccessComparison(first: all, second: none, batch: 8).verdict == .different(afterBundles: 16))
    }

    @Test(arguments: [0.5, 0.9])
    func `equal policies are called different in at most 5 % of 1,000 studies`(success: Double) {
        let rejected = verdicts(1000, success, success, count: 300).count(where: isDifferent)
        // Two standard errors above 5 % would be 64.
        #expect(rejected <= 50, "\(rejected) of 1000")
    }

    @Test func `policies that differ by the margin are called equivalent in about 5 % of 1,000 studies at most`() {
        let equivalent = verdicts(1000, 0.9, 0.8, count: 300).count { $0 == .equivalent }
        #expect(equivalent <= 64, "\(equivalent) of 1000")
    }

    @Test func `an expert against random actions is decided within 15 bundles when looked at every bundle`() {
        let decided = verdicts(200, 0.99, 0.02, count: 15, batch: 1).count(where: isDifferent)
        #expect(decided >= 198, "\(decided) of 200")
    }

    @Test func `15 points in 300 bundles are found more often than not, and equal good policies equivalent nearly always`() {
        let found = verdicts(300, 0.95, 0.8, count: 300).count(where: isDifferent)
        #expect(found > 240, "\(found) of 300")
        let equivalent = verdicts(300, 0.95, 0.95, count: 300).count { $0 == .equivalent }
        #expect(equivalent > 270, "\(equivalent) of 300")
    }
}
