import Basics
import Plots

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
/// `p26_robustness`: policy (or family), condition, choice, endpoint, value with interval, heldout, side, agrees, n, n_unit.
/// `p26_tests`: policy, condition, endpoint, value, p, p_holm, heldout_p, n, n_unit.
public struct ConclusionRobustness: Probe {
    public let name = "p26"
    public let title = "robustness of conclusions"
    public let endpoints = [Endpoint.agreement, .seedPooledShare, .splitP]
    public let evidence = [Evidence(.shown, .c1, [.seedPooledShare], of: .family(.standIn))]

    private static let draws = 999

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let heldout = try context.requireFloor(name)
        let rows = try context.requireEvaluated(name, where: "any policy under the condition heldout") {
            $0.condition == .heldout
        }
        var table: [RobustnessRow] = []
        var summary: [SummaryRow] = []
        for (evaluated, findings) in zip(rows, try findings(rows, heldout: heldout, context)) {
            table += findings.map {
                RobustnessRow($0, of: evaluated.policy.name, among: findings, unit: evaluated.generated.unit)
            }
            summary.append(agreement(evaluated, findings, context))
        }
        for seeds in SeedFamily.all(rows, context) {
            let scores = try context.kept("seeds of \(seeds.family)") { seeds.scores(context) }
            let findings = seeds.findings(scores, heldout: heldout, context)
            table += findings.map {
                RobustnessRow(
                    $0, of: seeds.family, among: findings, unit: $0.choice == .allSeeds ? "seed" : rows[0].generated.unit)
            }
            summary.append(
                Endpoint.seedPooledShare.row(
                    seeds.family, .heldout, scores[.share], Estimate(value: findings.first?.heldout), n: scores.units,
                    unit: "seed", seeds.verdict(scores, context)))
        }
        let tests = try test(rows, heldout, context)
        return ProbeResult(
            tables: [RobustnessRow.table(table), SplitTest.table(tests.map(\.row))], summary: summary + tests.map(\.summary))
    }

    /// What every choice says of each row.
    private func findings(
        _ rows: [EvaluatedChunks], heldout: EvaluatedChunks, _ context: ProbeContext
    ) throws -> [[RobustnessFinding]] {
        var findings = rows.map { _ in [RobustnessFinding]() }
        for choice in DistanceChoice.allCases {
            let thresholds = choice == .standard ? RobustnessFinding.thresholds : []
            func scores(_ evaluated: EvaluatedChunks, _ bootstrap: (ChoiceDistances) -> HierarchicalBootstrap) throws -> ChoiceScores? {
                try context.kept("\(choice.rawValue) \(evaluated.policy)") {
                    try [choice.distances(evaluated, context)].compactMap { $0 }.map {
                        ChoiceScores($0, thresholds: thresholds, bootstrap: bootstrap($0))
                    }
                }.first
            }
            // No interval of the truth is wanted.
            let floor = try scores(heldout) {
                HierarchicalBootstrap(levels: [$0.cluster], resamples: 0, seed: context.seed, pool: context.pool)
            }
            guard let truth = floor else { continue }
            for (place, evaluated) in rows.enumerated() {
                // The stream of P03, so that the standard choice gives P03's interval and all choices the same draws.
                let found = try scores(evaluated) {
                    context.bootstrap(clusters: $0.cluster, stream: context.seed / "p03" / evaluated.policy / evaluated.condition)
                }
                guard let scores = found else { continue }
                findings[place] += RobustnessFinding.all(choice, scores, heldout: truth, context.rules)
            }
        }
        return findings
    }

    private func agreement(
        _ evaluated: EvaluatedChunks, _ findings: [RobustnessFinding], _ context: ProbeContext
    ) -> SummaryRow {
        let others = findings.filter { !$0.choice.isStandard }
        let agreeing = others.count { $0.agrees(with: findings) }
        return Endpoint.agreement.row(
            evaluated.policy.name, evaluated.condition,
            Estimate(value: others.isEmpty ? nil : Double(agreeing) / Double(others.count)), Estimate(value: 1),
            n: others.count, unit: "choice", context.withheld(evaluated) ?? .measured)
    }

    private func test(
        _ rows: [EvaluatedChunks], _ heldout: EvaluatedChunks, _ context: ProbeContext
    ) throws -> [(row: SplitTest, summary: SummaryRow)] {
        func p(_ evaluated: EvaluatedChunks) throws -> Double? {
            try context.kept("split \(evaluated.policy)") {
                [SplitExchange(evaluated)].compactMap {
                    $0?.pValue(draws: Self.draws, seed: context.seed / name / "split" / evaluated.policy, pool: context.pool)
                }
            }.first
        }
        let truth = try p(heldout)
        let tested = try rows.compactMap { row in try p(row).map { (row: row, p: $0) } }
        let adjusted = Holm.adjusted(tested.map(\.p))
        return zip(tested, adjusted).map { tested, adjusted in
            let evaluated = tested.row, closer = evaluated.closerToTrain
            let demonstrations = evaluated.toTrain.demonstrations.count * 2
            return (
                SplitTest(
                    policy: evaluated.policy.name, condition: evaluated.condition,
                    value: closer.reduce(0, +) / Double(closer.count), p: tested.p, adjustedP: adjusted, heldoutP: truth,
                    n: demonstrations),
                Endpoint.splitP.row(
                    evaluated.policy.name, evaluated.condition, Estimate(value: adjusted), Estimate(value: truth),
                    n: demonstrations, context.withheld(evaluated) ?? .measured)
            )
        }
    }

    /// The DCR share under other choices of the analyst.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(RobustnessRow.self).filter { $0.condition == .heldout && $0.endpoint == .share }
        guard !rows.isEmpty else { return [] }
        func policies(_ roles: [PolicyRole]) -> [PolicyID] { source.policies(roles, in: rows.map(\.policy)) }
        // A family whose name is that of one of its policies shares that policy's series.
        let known = Set(source.policies.map(\.name))
        let families = rows.filter { $0.choice == RobustnessFinding.Choice.allSeeds.name && !known.contains($0.policy) }
        let drawn =
            policies([.subject, .learned, .table, .kernel])
            + families.distinct(\.policy).map { PolicyID($0, .standIn, "low-dim diffusion, all seeds") } + policies(PolicyRole.oracles)
        let names = Set(drawn.map(\.name)), own = rows.filter { names.contains($0.policy) }
        let choices = own.distinct(\.choice)
        // The floor depends on the choice alone, but not every policy has every choice.
        let floors = choices.compactMap { choice in own.first { $0.choice == choice } }
        return [
            Plot(
                name: "p26_dcr_share", title: "The DCR share under other choices, held-out observations", xLabel: "choice",
                yLabel: "share of sequences nearer to training (DCR share)", kind: .intervals(categories: choices.map { Plot.Category($0) }),
                series: [
                    Plot.Series(
                        "held-out truth", isControl: true, mark: .truth, form: .level,
                        floors.points(along: choices, by: \.choice) { Estimate(value: $0.heldout) })
                ]
                    + drawn.map { policy in
                        Plot.Series(
                            policy,
                            own.filter { $0.policy == policy.name }.points(along: choices, by: \.choice, y: \.estimate))
                    },
                references: [Plot.Reference("no memory", 0.5)], yRange: -0.02...1.02)
        ]
    }
}

extension Endpoint {
    static let agreement = Endpoint(
        "p26_agreement", "agreement of choices",
        "share of other distances, thresholds and seeds under which the verdict is the same",
        unit: "share of choices", control: Control("standard"))
    static let seedPooledShare = Endpoint(
        "p26_seed_pooled_dcr_share", "DCR share over seeds",
        "the DCR share pooled over training seeds, bootstrapped over seeds, demonstrations and samples",
        unit: "share of sequences", control: .heldout, .raisedByMemory)
    static let splitP = Endpoint(
        "p26_dcr_share_p_holm", "p of the division",
        "p of the DCR share among 999 exchanges of T and R, Holm-adjusted over policies",
        unit: "p", control: .heldout, .loweredByMemory)
}

/// A row of `p26_robustness`: one endpoint of a policy, or of a family, under one choice.
private struct RobustnessRow: ProbeTable {
    static let name = "p26_robustness"
    var policy = ""
    var condition = Condition.heldout
    var choice = ""
    var endpoint = RobustnessFinding.Measure.share
    var estimate = Estimate(value: nil)
    var heldout: Double?
    var side = Verdict.undecided
    var agrees = false
    var n = 0
    var unit = ""

    init() {}

    /// - Parameter findings: those of the same policy, among which the standard one is.
    init(_ finding: RobustnessFinding, of policy: String, among findings: [RobustnessFinding], unit: String) {
        self.policy = policy
        choice = finding.choice.name
        endpoint = finding.endpoint
        estimate = finding.estimate
        heldout = finding.heldout
        side = finding.side
        agrees = finding.agrees(with: findings)
        n = finding.units
        self.unit = unit
    }

    static var columns: [Column<RobustnessRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("choice", \.choice),
            Column("endpoint", \.endpoint), .interval("value", \.estimate), Column("heldout", \.heldout),
            Column("side", \.side), Column("agrees", \.agrees), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

/// A row of `p26_tests`: is the split into T and R special to a policy?
private struct SplitTest: ProbeTable {
    static let name = "p26_tests"
    var policy = ""
    var condition = Condition("")
    var endpoint = RobustnessFinding.Measure.share
    var value = 0.0
    var p = 0.0, adjustedP = 0.0
    var heldoutP: Double?
    var n = 0
    var unit = "demonstration"

    static var columns: [Column<SplitTest>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("endpoint", \.endpoint),
            Column("value", \.value), Column("p", \.p), Column("p_holm", \.adjustedP), Column("heldout_p", \.heldoutP),
            Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}
