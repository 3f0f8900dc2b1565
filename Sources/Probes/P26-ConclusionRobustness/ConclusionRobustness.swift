import Basics

/// P26: do the conclusions hold under other distances, other thresholds and other training seeds?
///
/// DCR share, C_T (the weaker of it and its clustered form) and median d1/d2 at held-out observations (P03, P02), under
/// every `DistanceChoice`; f_mem(c) under the standard distance at other c; the DCR share of every family with several
/// seeds by seed, and pooled with the hierarchical bootstrap over seeds, demonstrations and samples (Saravanan, Berman
/// and Sober 2020). Beside it the permutation test of the DCR share (`SplitExchange`, 999 splits), adjusted by Holm
/// over the policies.
///
/// Control: the same number for true held-out chunks of Q under the same choice; for C_T its null, 0.
///
/// What a row says, `side`: a DCR share is `memorized` above `dcrShare`, `not shown` where its interval contains 0.5,
/// `not memorized` below it, else `undecided`; C_T is `closer than held-out` under `proximityZ`, `farther than held-out`
/// over its opposite; d1/d2 and f_mem are so when their interval lies beyond the control; else `undecided`. A row agrees
/// when the standard choice says the same of that endpoint; for seeds the standard is the pooled row.
///
/// Verdict of the pooled share: `not fitted` or `fit unknown` when one seed is (P01), else P03's. Other rows are
/// `measured`: p26_agreement, the share of choices that agree (choices share their data, so there is no interval), and
/// p26_dcr_share_p_holm, whose control is the p value of the held-out truth, not adjusted.
///
/// `p26_robustness`: policy (or family), condition, choice, endpoint, value with interval, heldout, side, agrees, n, unit.
/// `p26_tests`: policy, condition, endpoint, value, p, p_holm, heldout_p, n, unit.
public struct ConclusionRobustness: Probe {
    public let name = "p26"
    public let title = "robustness of conclusions"

    static let draws = 999

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let heldout = try context.requireFloor(name)
        let rows = try context.requireEvaluated(name, where: "any policy under the condition heldout") {
            $0.condition == GeneratedChunks.Condition.heldout
        }
        var findings = rows.map { _ in [RobustnessFinding]() }
        for choice in DistanceChoice.allCases {
            guard let floor = try choice.distances(heldout, context) else { continue }
            let truth = ChoiceScores(floor, bootstrap: nil)
            for (place, evaluated) in rows.enumerated() {
                guard let distances = try choice.distances(evaluated, context) else { continue }
                // The stream of P03, so that the standard choice gives P03's interval and all choices the same draws.
                let scores = ChoiceScores(
                    distances,
                    bootstrap: context.bootstrap(
                        clusters: distances.cluster,
                        stream: context.seed / "p03" / evaluated.policy / evaluated.condition))
                findings[place] += RobustnessFinding.all(choice, scores, heldout: truth, context.rules)
            }
        }
        var table = Table(columns: RobustnessFinding.columns)
        var summary: [SummaryRow] = []
        for (evaluated, findings) in zip(rows, findings) {
            for finding in findings {
                table.append(
                    finding.row(evaluated.policy, evaluated.condition, standard: findings, unit: evaluated.generated.unit))
            }
            summary.append(agreement(evaluated, findings, context))
        }
        for seeds in SeedFamily.all(rows, context) {
            let scores = seeds.scores(context)
            let findings = seeds.findings(scores, heldout: heldout, context)
            for finding in findings {
                let unit = finding.choice == SeedFamily.pooled ? "seed" : rows[0].generated.unit
                table.append(
                    finding.row(seeds.family, GeneratedChunks.Condition.heldout, standard: findings, unit: unit))
            }
            summary.append(
                SummaryRow(
                    "p26_seed_pooled_dcr_share", policy: seeds.family, condition: GeneratedChunks.Condition.heldout,
                    scores.share, n: scores.units, unit: "seed", control: "heldout",
                    controlValue: findings.first?.heldout, verdict: seeds.verdict(scores, context)))
        }
        var tests = Table(columns: [
            "policy", "condition", "endpoint", "value", "p", "p_holm", "heldout_p", "n", "unit",
        ])
        summary += test(rows, heldout, into: &tests, context)
        return ProbeResult(tables: [("p26_robustness", table), ("p26_tests", tests)], summary: summary)
    }

    private func agreement(
        _ evaluated: EvaluatedChunks, _ findings: [RobustnessFinding], _ context: ProbeContext
    ) -> SummaryRow {
        let others = findings.filter { !$0.isStandard }
        let agreeing = others.count { $0.agrees(with: findings) }
        return SummaryRow(
            "p26_agreement", policy: evaluated.policy, condition: evaluated.condition,
            Estimate(value: others.isEmpty ? nil : Double(agreeing) / Double(others.count)), n: others.count,
            unit: "choice", control: "standard", controlValue: 1,
            verdict: Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy]) ?? .measured)
    }

    private func test(
        _ rows: [EvaluatedChunks], _ heldout: EvaluatedChunks, into table: inout Table, _ context: ProbeContext
    ) -> [SummaryRow] {
        func p(_ evaluated: EvaluatedChunks) -> Double? {
            SplitExchange(evaluated)?.pValue(
                draws: Self.draws, seed: context.seed / name / "split" / evaluated.policy, pool: context.pool)
        }
        let truth = p(heldout)
        let tested = rows.compactMap { row in p(row).map { (row: row, p: $0) } }
        let adjusted = Holm.adjusted(tested.map(\.p))
        return zip(tested, adjusted).map { tested, adjusted in
            let evaluated = tested.row
            let closer = evaluated.closerToTrain
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), "dcr_share",
                .number(closer.reduce(0, +) / Double(closer.count)), .number(tested.p), .number(adjusted),
                Table.Cell(truth), .integer(evaluated.toTrain.demonstrations.count * 2), "demonstration",
            ])
            return SummaryRow(
                "p26_dcr_share_p_holm", policy: evaluated.policy, condition: evaluated.condition,
                Estimate(value: adjusted), n: evaluated.toTrain.demonstrations.count * 2, unit: "demonstration",
                control: "heldout", controlValue: truth,
                verdict: Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
                    ?? .measured)
        }
    }
}
