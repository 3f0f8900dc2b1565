import Basics
import Probes
import Testing

/// The symmetric share over several divisions of the demonstrations.
@Suite struct SplitSharesTests {
    private let study = SyntheticStudy()

    private func divided(_ answer: SyntheticStudy.Answer, twin: SyntheticStudy.Answer? = nil, splits: [ProbeContext] = []) throws -> ProbeContext {
        let other = try study.context([("alt", twin ?? answer)], train: study.reference, reference: study.train)
        return try study.context([("alt", answer)], train: study.train, reference: study.reference, twin: [other], splits: splits)
    }

    @Test func `a lookup has 1 over all divisions, truth one half`() throws {
        for (answer, value) in [(SyntheticStudy.Answer.memorizer, 1.0), (.generalizer, 0.5)] {
            let context = try divided(answer, splits: [divided(answer), divided(answer)])
            let result = try CalibratedMemorization().run(context)
            let row = try #require(result.row("p03_symmetric_share_splits", "alt", "heldout"))
            #expect(row.value == value && row.low == value && row.high == value && row.n == 3 && row.unit == "split")
            let table = try #require(result.table("p03_splits"))
            #expect(table.numbers("split", where: ["policy": "alt"]) == [0, 1, 2])
            #expect(table.numbers("symmetric_share", where: ["policy": "alt"]) == [value, value, value])
        }
    }

    @Test func `divisions that disagree widen the interval beyond that of each`() throws {
        // A lookup in one division, truth in the others: the mean is two thirds, and a resample may miss the lookup.
        let context = try divided(.memorizer, splits: [divided(.generalizer), divided(.generalizer)])
        let row = try #require(try CalibratedMemorization().run(context).row("p03_symmetric_share_splits", "alt", "heldout"))
        #expect(abs(try #require(row.value) - 2.0 / 3) < 1e-12)
        #expect(row.low == 0.5 && row.high == 1 && row.verdict == .notShown)
    }

    @Test func `a twin that has not fitted in one division withholds the verdict of all`() throws {
        let context = try divided(.memorizer, splits: [divided(.memorizer, twin: .noise(2, seed: 2))])
        let result = try CalibratedMemorization().run(context)
        #expect(result.row("p03_symmetric_share_splits", "alt", "heldout")?.verdict == .notFitted)
        let table = try #require(result.table("p03_splits"))
        #expect(table.column("fitted", where: ["policy": "alt"]) == [.text("true"), .text("false")])
    }

    @Test func `a study with one division has no such row`() throws {
        let result = try CalibratedMemorization().run(divided(.memorizer))
        #expect(result.row("p03_symmetric_share_splits", "alt", "heldout") == nil)
        #expect(result.table("p03_splits")?.rows.isEmpty == true)
    }
}
