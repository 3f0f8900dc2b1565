import Basics
import Foundation
import Testing

@testable import Probes

/// What is kept of a probe, so that another rule is judged without measuring again.
@Suite struct KeptResultTests {
    private static let probes: [any Probe] = [
        TrainPointRecall(), PaperAudit(), CalibratedMemorization(), CopyBlendNovel(), ConclusionRobustness(), OpenLoopError(),
    ]

    private func context(rules: DecisionRules = DecisionRules(), _ reads: RuleReads, _ kept: KeptNumbers) throws -> ProbeContext {
        let plain = try SyntheticStudy(train: 4, reference: 4, query: 4).context(rules: rules)
        return try plain.given(plain.measurements, siblings: .init(), reads: reads, kept: kept)
    }

    private func expectEqual(_ first: ProbeResult, _ second: ProbeResult) {
        #expect(first.summary == second.summary)
        #expect(first.tables.map(\.name) == second.tables.map(\.name))
        for (one, other) in zip(first.tables, second.tables) { #expect(one.table.csv == other.table.csv, "\(one.name)") }
    }

    @Test func `a kept result is the result, to the last digit`() throws {
        for probe in Self.probes {
            let result = try probe.run(context(RuleReads(), KeptNumbers()))
            expectEqual(try KeptResult(KeptResult(result, rules: [:]).content).result(of: probe), result)
        }
    }

    @Test func `numbers kept from one rule give another rule's result as if measured anew`() throws {
        var rules = DecisionRules()
        (rules.dcrShare, rules.fit, rules.proximityZ) = (0.95, 0.01, -1)
        for probe in Self.probes {
            let kept = KeptNumbers()
            _ = try probe.run(context(RuleReads(), kept))
            let written = try KeptNumbers(kept.content)
            expectEqual(try probe.run(context(rules: rules, RuleReads(), written)), try probe.run(context(rules: rules, RuleReads(), KeptNumbers())))
        }
    }

    @Test func `a result holds for rules that agree in what was read, and for no others`() throws {
        let reads = RuleReads(), rules = DecisionRules(), probe = CalibratedMemorization()
        let result = try probe.run(context(reads, KeptNumbers()))
        #expect(reads.keys.isSuperset(of: ["dcr_share", "fit"]) && !reads.keys.contains("largest_weight"))
        let kept = KeptResult(result, rules: rules.values.filter { reads.keys.contains($0.key) })
        var other = rules
        other.largestWeight = 0.5
        #expect(kept.holds(for: other))
        other.dcrShare = 0.7
        #expect(!kept.holds(for: other))
    }

    @Test func `every rule is watched under its key in the file`() {
        #expect(DecisionRules().values.keys.sorted() == DecisionRules.fields.map(\.key).sorted())
    }
}
