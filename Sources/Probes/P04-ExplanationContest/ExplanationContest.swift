import Basics

/// P04: which rule predicts what a policy generates at held-out observations?
///
/// Each rule gives one chunk per observation: `mean` training chunk; `phase_mean`, that of the observation's phase (the
/// mean where training has no such phase); per observation space with held-out points `nearest_<space>` (chunk of the
/// nearest training window), `kernel_<space>` (Nadaraya-Watson, bandwidth the median distance of a training window to
/// the nearest of another demonstration) and `linear_<space>` (`LocalRegression` on 30 windows); `truth`; and
/// `expert_policy`, sample 0 of the policy `expert` where it was asked at every observation. Error = mean distance to
/// all generated samples; skill = 1 - (error / error of `mean`)²; wins = share of samples to which the rule is nearest,
/// ties shared equally.
///
/// Primary endpoint: error of the best `nearest_` rule, chosen anew in every resample, minus error of `truth`. Control:
/// the same of the policy `generalizer`, else 0. Verdict: withheld without a fit (P01); `retrieval` when the interval
/// lies below 0, `generalisation` when above, else `undecided`. A blend of training chunks is retrieval here: whether one
/// is recalled or several are mixed is asked by the `kernel_` rules' wins and by P07.
///
/// Rank-match (`RankMatch`): mean percentile of the recalled window among the observation distances; random windows give
/// one half. p from 999 permutations of whole demonstrations of observations, which keep the place in the task, Holm
/// over spaces. A perfect generaliser recalls near observations too, because actions are smooth: control `heldout` is the
/// same number for the true chunks, and `closer than held-out` or `farther than held-out` needs the paired difference's
/// interval on that side of 0. The summary has the space with the smallest percentile; its p is `recalls near
/// observations` under 0.01, else `not shown`, and alone does not tell a table from a smooth function.
///
/// `p04_rules`: policy, condition, rule, error, skill and wins, each with interval. `p04_rank_match`: policy, condition,
/// space, percentile, heldout and difference, each with interval, permuted (mean of the permutations), p, p_holm.
/// `p04_samples`: policy, condition, observation, demonstration, frame, sample, winner, and error_<rule> for each rule.
public struct ExplanationContest: Probe {
    public let name = "p04"
    public let title = "contest of explanations"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let condition = GeneratedChunks.Condition.heldout
        let evaluated = try context.requireEvaluated(name, where: "policies under heldout with true chunks") {
            $0.condition == condition && $0.generated.truth != nil
        }
        guard let truth = ConditionTruth(condition, context) else { return ProbeResult() }
        let spaces = context.measurements.spaces.compactMap { SpaceDistances($0, truth, context) }
        let rules = ExplanationRules(truth, spaces: spaces, context)
        let percentiles = spaces.map { space in
            context.pool.map(count: space.squared.count) {
                RankMatch.percentiles(squared: space.squared[$0], demonstration: context.train.demonstration)
            }
        }
        let names = rules.rules.map(\.name)
        var table = Table(columns: [
            "policy", "condition", "rule", "error", "error_low", "error_high", "skill", "skill_low", "skill_high", "wins",
            "wins_low", "wins_high",
        ])
        var ranks = Table(columns: [
            "policy", "condition", "space", "percentile", "ci_low", "ci_high", "heldout", "heldout_low", "heldout_high",
            "difference", "difference_low", "difference_high", "permuted", "p", "p_holm",
        ])
        var samples = Table(
            columns: ["policy", "condition", "observation", "demonstration", "frame", "sample", "winner"]
                + names.map { "error_\($0)" })
        var summary: [SummaryRow] = []
        let scored = evaluated.map { ExplanationScores($0, rules, context) }
        let generalizer = evaluated.firstIndex { $0.policy == "generalizer" }
        for (evaluated, scores) in zip(evaluated, scored) {
            let key: [Table.Cell] = [.text(evaluated.policy), .text(condition)]
            for (name, score) in zip(names, scores.scores) {
                table.append(key + [.text(name)] + score.error.cells + score.skill.cells + score.wins.cells)
            }
            Self.append(evaluated, scores, names, to: &samples)
            let matches = zip(spaces, percentiles).compactMap { space, percentiles in
                RankMatch(evaluated, space: space.name, percentiles: percentiles, rows: scores.rows, truth, context)
            }
            let adjusted = Holm.adjusted(matches.map(\.p))
            for (match, p) in zip(matches, adjusted) {
                ranks.append(
                    key + [.text(match.space)] + match.percentile.cells + match.heldout.cells + match.difference.cells
                        + [.number(match.permuted), .number(match.p), .number(p)])
            }
            summary += summarise(
                evaluated, scores, matches, adjusted, control: generalizer.flatMap { scored[$0].nearestMinusExpert?.value },
                context)
        }
        return ProbeResult(
            tables: [("p04_rules", table), ("p04_rank_match", ranks), ("p04_samples", samples)], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ scores: ExplanationScores, _ matches: [RankMatch], _ adjusted: [Double],
        control: Double?, _ context: ProbeContext
    ) -> [SummaryRow] {
        let withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
        func row(
            _ endpoint: String, _ estimate: Estimate, _ control: String, _ value: Double?, _ verdict: Verdict
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate,
                n: Set(scores.rows.map { evaluated.generated.cluster[$0] }).count, unit: evaluated.generated.unit,
                control: control, controlValue: value, verdict: withheld ?? verdict)
        }
        var result: [SummaryRow] = []
        if let difference = scores.nearestMinusExpert {
            result.append(
                row(
                    "p04_nearest_minus_expert", difference, control == nil ? "null" : "generalizer", control ?? 0,
                    Self.side(difference, below: .retrieval, above: .generalisation)))
        }
        let best = matches.indices.min { matches[$0].percentile.value ?? 1 < matches[$1].percentile.value ?? 1 }
        if let best {
            let match = matches[best]
            result += [
                row(
                    "p04_rank_match", match.percentile, "heldout", match.heldout.value,
                    Self.side(match.difference, below: .closerThanHeldout, above: .fartherThanHeldout)),
                row(
                    "p04_rank_match_p", Estimate(value: adjusted[best]), "bound", context.rules.rankMatchP,
                    adjusted[best] < context.rules.rankMatchP ? .recallsNearObservations : .notShown),
            ]
        }
        return result
    }

    private static func side(_ difference: Estimate, below: Verdict, above: Verdict) -> Verdict {
        if difference.lies(below: 0) { return below }
        return difference.lies(above: 0) ? above : .undecided
    }

    private static func append(
        _ evaluated: EvaluatedChunks, _ scores: ExplanationScores, _ names: [String], to table: inout Table
    ) {
        let generated = evaluated.generated
        for (place, row) in scores.rows.enumerated() {
            table.append(
                [
                    .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                    .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                    .integer(generated.sample[row]), .text(names[scores.winner[place]]),
                ] + scores.errors.map { .number($0[place]) })
        }
    }
}
