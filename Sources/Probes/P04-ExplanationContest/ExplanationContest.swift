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
    public let needs: Set<Need> = [.spaces]
    public let endpoints = [Endpoint.nearestMinusExpert, .rankMatch, .rankMatchP]
    public let evidence = [
        Evidence(.decides, .c2, [.rankMatchP, .rankMatch]), Evidence(.shown, .c2, [.nearestMinusExpert]),
    ]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutDistances }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let evaluated = try context.requireEvaluated(name, where: "policies under heldout with true sequences") {
            $0.condition == .heldout && $0.generated.truth != nil
        }
        guard let truth = ConditionTruth(.heldout, context) else { return ProbeResult() }
        let spaces = context.measurements.spaces.compactMap { SpaceDistances($0, truth, context) }
        let rules = ExplanationRules(truth, spaces: spaces, context)
        let percentiles = spaces.map { space in
            context.pool.map(count: space.squared.count) {
                RankMatch.percentiles(squared: space.squared[$0], demonstration: context.train.demonstration)
            }
        }
        let scored = evaluated.map { ExplanationScores($0, rules, context) }
        let control = evaluated.firstIndex { $0.policy.role == .generalizer }.flatMap { place in
            scored[place].nearestMinusExpert?.value.map { (Control(evaluated[place].policy.name), $0) }
        }
        var table: [RuleRow] = []
        var ranks: [RankMatchRow] = []
        var samples: [ContestSample] = []
        var summary: [SummaryRow] = []
        for (evaluated, scores) in zip(evaluated, scored) {
            table += zip(rules.rules, scores.scores).map { RuleRow(evaluated, $0, $1) }
            samples += scores.rows.indices.map { ContestSample(evaluated, $0, scores, rules.rules) }
            let matches = zip(spaces, percentiles).compactMap { space, percentiles in
                RankMatch(evaluated, space: space.space, percentiles: percentiles, rows: scores.rows, truth, context)
            }
            let adjusted = Holm.adjusted(matches.map(\.p))
            ranks += zip(matches, adjusted).map { RankMatchRow(evaluated, $0, adjustedP: $1) }
            summary += summarise(evaluated, scores, matches, adjusted, control: control, context)
        }
        return ProbeResult(
            tables: [RuleRow.table(table), RankMatchRow.table(ranks), ContestSample.table(samples, rules.rules)],
            summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ scores: ExplanationScores, _ matches: [RankMatch], _ adjusted: [Double],
        control: (name: Control, value: Double)?, _ context: ProbeContext
    ) -> [SummaryRow] {
        let withheld = context.withheld(evaluated)
        let units = Set(scores.rows.map { evaluated.generated.cluster[$0] }).count
        var result: [SummaryRow] = []
        if let difference = scores.nearestMinusExpert {
            result.append(
                Endpoint.nearestMinusExpert.row(
                    evaluated, difference, control: control?.name, control?.value ?? 0, n: units,
                    withheld ?? Self.side(difference, below: .retrieval, above: .generalisation)))
        }
        let best = matches.indices.min { matches[$0].percentile.value ?? 1 < matches[$1].percentile.value ?? 1 }
        if let best {
            let match = matches[best], p = Estimate(value: adjusted[best])
            let isNear = Endpoint.rankMatchP.reading(p, context.rules) == .supports
            result += [
                Endpoint.rankMatch.row(
                    evaluated, match.percentile, match.heldout, n: units,
                    withheld ?? Self.side(match.difference, below: .closerThanHeldout, above: .fartherThanHeldout)),
                Endpoint.rankMatchP.row(
                    evaluated, p, context.rules.rankMatchP, n: units,
                    withheld ?? (isNear ? .recallsNearObservations : .notShown)),
            ]
        }
        return result
    }

    private static func side(_ difference: Estimate, below: Verdict, above: Verdict) -> Verdict {
        if difference.lies(below: 0) { return below }
        return difference.lies(above: 0) ? above : .undecided
    }
}

extension Endpoint {
    public static let nearestMinusExpert = Endpoint(
        "p04_nearest_minus_expert", "nearest frame minus expert",
        "mean distance from a policy's sequence to that of the nearest training frame, in the space that serves best, minus that to the demonstrator's",
        unit: distances, control: .noEffect, .loweredByMemory, separatesOracles: true)
    /// Its difference to held-out truth decides, which its row does not hold: the verdict does.
    static let rankMatch = Endpoint(
        "p04_rank_match", "rank-match",
        "mean percentile of the recalled training observation among all training observations ordered by distance to the one asked about; 0: the nearest",
        unit: "percentile", control: .heldout, .loweredByMemory,
        criterion: { _ in
            Criterion(
                "supports: recalled observations are nearer than those of held-out truth",
                supports: { $0.verdict == .closerThanHeldout })
        })
    static let rankMatchP = Endpoint(
        "p04_rank_match_p", "p of rank-match",
        "one-sided p of the rank-match percentile, by permuting which observation was asked",
        unit: "p", control: .bound, .loweredByMemory,
        criterion: { rules in
            Criterion(
                "supports: below \(rules.rankMatchP)",
                supports: { $0.estimate.value.map { $0 < rules.rankMatchP } ?? false })
        })
}
