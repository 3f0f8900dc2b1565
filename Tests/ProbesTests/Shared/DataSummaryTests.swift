import Testing

@testable import Probes

@Suite struct DataSummaryTests {
    private func summary(_ change: (inout DataSummary) -> Void = { _ in }) -> DataSummary {
        let part = DataSummary.Part(demonstrations: 8, windows: 800)
        var summary = DataSummary(
            train: part, reference: part, query: part, heldoutObservations: 64, steps: 2400, horizon: 16, actionDimension: 7)
        change(&summary)
        return summary
    }

    private func unasked(_ summary: DataSummary) -> [String] {
        AllProbes.all.filter { $0.reasonNotToAsk(summary) != nil }.map(\.name)
    }

    @Test func `ordinary demonstrations leave out no probe`() { #expect(unasked(summary()) == []) }

    @Test func `one query demonstration leaves out P05`() {
        #expect(unasked(summary { $0.query.demonstrations = 1 }) == ["p05"])
    }

    @Test func `equal sequences leave out what is measured in median D12s`() {
        #expect(unasked(summary { $0.areSequencesRepeated = true }) == ["p01", "p07", "p25", "p27"])
    }

    @Test func `another number of reference demonstrations leaves out the DCR share`() {
        #expect(unasked(summary { $0.reference.demonstrations = 7 }) == ["p03", "p10", "p12", "p13", "p26", "p28"])
    }

    @Test func `100,000 steps are asked about, and held-out observations whose distances fill the memory are not`() {
        let many = summary {
            $0.train.windows = 100_000
            $0.heldoutObservations = 352
        }
        #expect(unasked(many) == [])
        let square = summary {
            $0.train.windows = 100_000
            $0.heldoutObservations = 100_000
        }
        #expect(unasked(square) == ["p04", "p05"])
        #expect(ExplanationContest().reasonNotToAsk(square)?.contains("probes.frames_per_demonstration") == true)
    }
}
