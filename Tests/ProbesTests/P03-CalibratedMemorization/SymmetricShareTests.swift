import Basics
import Probes
import Testing

/// The share with T and R in equal parts, on policies whose twins are known.
@Suite struct SymmetricShareTests {
    private let study = SyntheticStudy()

    /// R lies where Q does not: every sequence is nearer to T than to R by luck alone.
    private var shifted: Chunks {
        study.reference.replacingValues(study.reference.values.enumerated().map { $1 + ($0 % 3 == 0 ? 0.6 : 0) })
    }

    /// Policies that answer from T here and from R in the twin, with R as given.
    private func result(
        _ policies: [(name: String, answer: SyntheticStudy.Answer)], twin other: [(name: String, answer: SyntheticStudy.Answer)]? = nil,
        reference: Chunks
    ) throws -> ProbeResult {
        let twin = try study.context(other ?? policies, train: reference, reference: study.train)
        return try CalibratedMemorization().run(
            study.context(policies, train: study.train, reference: reference, twin: [twin]))
    }

    private static let oracles: [(name: String, answer: SyntheticStudy.Answer)] = [
        ("memorizer", .memorizer), ("interpolator", .interpolator), ("generalizer", .generalizer),
    ]

    @Test func `a lookup has 1 and truth one half, also where all sequences are nearer to one half of the data`() throws {
        for reference in [study.reference, shifted] {
            let result = try result(Self.oracles, reference: reference)
            let lookup = try #require(result.row("p03_symmetric_share", "memorizer", "heldout"))
            #expect(lookup.value == 1 && lookup.verdict == .memorized && lookup.n == 24 && lookup.controlValue == 0.5)
            let truth = try #require(result.row("p03_symmetric_share", "generalizer", "heldout"))
            #expect(truth.value == 0.5 && truth.low == 0.5 && truth.high == 0.5 && truth.verdict == .notShown)
            // The kernel mean is not fitted, and lies between.
            let kernel = try #require(result.row("p03_symmetric_share", "interpolator", "heldout"))
            #expect(kernel.value.map { $0 > 0.5 && $0 < 1 } == true && kernel.verdict == .notFitted)
        }
        let plain = try result(Self.oracles, reference: shifted).row("p03_dcr_share", "generalizer", "heldout")
        #expect(try #require(plain?.value) > 0.8)
    }

    @Test func `the share is that of the answers that were looked up, and one half of the rest`() throws {
        // Noise from other draws, so that twins differ where they do not look up.
        let share = try result(
            [("alt", .mixture(0.6, seed: 0))], twin: [("alt", .mixture(0.6, seed: 1))], reference: study.reference
        ).row("p03_symmetric_share", "alt", "heldout")
        #expect(try #require(share?.value).distance(to: 0.6 + 0.2).magnitude < 0.07)
    }

    @Test func `a twin that has not fitted withholds the verdict, and training observations have no twin`() throws {
        let result = try result(
            [("alt", .memorizer)], twin: [("alt", .noise(2, seed: 2))], reference: study.reference)
        #expect(result.row("p03_symmetric_share", "alt", "heldout")?.verdict == .notFitted)
        #expect(result.row("p03_symmetric_share", "alt", "train") == nil)
        #expect(try CalibratedMemorization().run(study.context()).row("p03_symmetric_share", "memorizer", "heldout") == nil)
    }
}
