import Basics
import Foundation
import Probes
import Testing

@Suite struct DataSizeTests {
    /// Studies of 4, 8 and 16 demonstrations in which the policy `state` answers as given.
    private func result(_ answers: [SyntheticStudy.Answer]) throws -> ProbeResult {
        let study = SyntheticStudy()
        func context(_ size: Int, _ answer: SyntheticStudy.Answer, sizes: [ProbeContext] = []) throws -> ProbeContext {
            var measurements = Measurements()
            measurements.records = [SyntheticStudy.record("state", family: "state", demonstrations: size)]
            return try study.context(
                [("memorizer", .memorizer), ("generalizer", .generalizer), ("state", answer)],
                train: study.first(size, of: study.train), reference: study.first(size, of: study.reference),
                measurements, sizes: sizes)
        }
        let small = try [context(8, answers[1]), context(4, answers[0])]
        return try DataSize().run(context(16, answers[2], sizes: small))
    }

    @Test func `memory that fades with data has a negative slope`() throws {
        let result = try result([.mixture(1, seed: 0), .mixture(0.5, seed: 1), .mixture(0, seed: 2)])
        let table = try #require(result.table("p13_sizes"))
        #expect(table.numbers("demonstrations", where: ["policy": "state"]) == [4, 8, 16])
        #expect(table.numbers("windows", where: ["policy": "state"]) == [80, 160, 320])
        // A sample looked up with probability p has an excess of p (1 - share of the held-out truth).
        let truth = table.numbers("heldout_dcr_share", where: ["policy": "state"])
        let expected = -(1 - truth[0]) / (2 * log(2.0))
        let slope = try #require(result.row("p13_slope", "state", "heldout"))
        #expect(abs((slope.value ?? 0) - expected) < 0.06)
        #expect(slope.verdict == .fadesWithData && slope.n == 24)
        #expect(slope.control == "memorizer")
        #expect(slope.controlValue == result.row("p13_slope", "memorizer", "heldout")?.value)
        #expect(result.row("p13_dcr_share_n4", "state", "heldout")?.value == 1)
    }

    @Test func `a lookup has share 1 at every size and a generaliser the truth's`() throws {
        let result = try result([.mixture(0, seed: 0), .mixture(0.5, seed: 1), .mixture(1, seed: 2)])
        for size in [4, 8, 16] {
            #expect(result.row("p13_dcr_share_n\(size)", "memorizer", "heldout")?.value == 1)
            let row = try #require(result.row("p13_dcr_share_n\(size)", "generalizer", "heldout"))
            #expect(abs((row.value ?? 1) - (row.controlValue ?? 0)) < 0.06)
        }
        #expect(abs(result.row("p13_slope", "generalizer", "heldout")?.value ?? 1) < 0.03)
        #expect(result.row("p13_slope", "state", "heldout")?.verdict == .growsWithData)
    }

    @Test func `a size that has not fitted is left out of the slope, and one size gives none`() throws {
        let two = try result([.noise(2, seed: 0), .mixture(1, seed: 1), .mixture(0.2, seed: 2)])
        #expect(two.table("p13_sizes")?.column("in_slope", where: ["policy": "state"]) == ["false", "true", "true"])
        #expect(two.row("p13_dcr_share_n4", "state", "heldout")?.verdict == .notFitted)
        #expect(two.row("p13_slope", "state", "heldout")?.verdict == .fadesWithData)
        let one = try result([.noise(2, seed: 0), .noise(2, seed: 1), .mixture(1, seed: 2)])
        #expect(one.row("p13_slope", "state", "heldout")?.value == nil)
        #expect(one.row("p13_slope", "state", "heldout")?.verdict == .notFitted)
        #expect(one.row("p13_detectable", "state", "heldout")?.value == nil)
    }

    @Test func `the slope over all sizes stands beside the fitted ones', and so does the smallest that would be found`() throws {
        let fitted = try result([.mixture(1, seed: 0), .mixture(0.5, seed: 1), .mixture(0, seed: 2)])
        let slope = try #require(fitted.row("p13_slope", "state", "heldout")), all = try #require(fitted.row("p13_slope_all", "state", "heldout"))
        #expect(all.estimate == slope.estimate && all.verdict == .measured)
        let detectable = try #require(fitted.row("p13_detectable", "state", "heldout")?.value)
        let standardError = (try #require(slope.high) - (try #require(slope.low))) / 2 / 1.959964
        #expect(abs(detectable - 2.801585 * standardError) < 1e-6)
        // One that is far from its demonstrations at the smallest size counts here alone.
        let unfitted = try result([.noise(2, seed: 0), .mixture(1, seed: 1), .mixture(0.2, seed: 2)])
        let three = try #require(unfitted.row("p13_slope_all", "state", "heldout")?.value)
        let shares = unfitted.table("p13_sizes")?.numbers("dcr_share", where: ["policy": "state"]) ?? []
        let truths = unfitted.table("p13_sizes")?.numbers("heldout_dcr_share", where: ["policy": "state"]) ?? []
        // Least squares over three points that are evenly spaced in ln n: the first and the last decide.
        #expect(abs(three - ((shares[2] - truths[2]) - (shares[0] - truths[0])) / (2 * log(2.0))) < 1e-6)
    }

    @Test func `without other sizes there is nothing to measure`() throws {
        let context = try SyntheticStudy().context()
        #expect { try DataSize().run(context) } throws: { "\($0)".contains("p13 has nothing to measure") }
    }
}
