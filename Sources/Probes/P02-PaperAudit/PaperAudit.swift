import Basics

/// P02: the published score and its parts, per policy and condition.
///
/// S = 1 - s(τ, τ1) / s(τ1, τ2) (He et al. 2025; s is this project's `ChunkMetric`, the paper states none), d1, d2,
/// ratio d1/d2, gap = (d2 - d1)/d2 = 1 - ratio. A chunk equal to a training chunk has S 1, ratio 0 and gap 1 whatever
/// d2 is. Control of every summary row: `heldout`, the same number for true held-out chunks. Alone, S near 1 shows
/// nothing: a perfect generaliser on 30 demonstrations has median S from 0.33 to 0.59.
///
/// Verdict of S, d1 and ratio: `fit check` on `train`; `not fitted` or `fit unknown` without a fit (P01); `closer than
/// held-out` when the interval lies wholly on the memorising side of the control's interval (S above; d1 and ratio
/// below), `farther than held-out` when wholly on the other, else `undecided`. The share flagged out of distribution is
/// `measured`.
///
/// `p02_samples`: policy, condition, observation, demonstration, frame, sample, d1, d2, s, ratio, gap, nearest_* (i1),
/// second_* (i2), matched_* and similarity (what a lookup says it recalled), out_of_distribution.
/// `p02_profile`: policy, condition, rank, and the mean distance to the rank-th nearest demonstration over the median
/// D12 with interval, beside held-out truth. `p02_controls`: the control ladder.
public struct PaperAudit: Probe {
    public let name = "p02"
    public let title = "the published score per condition"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "any policy under any condition") { _ in true }
        let heldout = context.heldout.map {
            NeighbourMedians($0, bootstrap: $0.bootstrap("p02", in: context))
        }
        var samples = Table(columns: Self.sampleColumns)
        var profile = Table(columns: [
            "policy", "condition", "rank", "distance_over_d12", "ci_low", "ci_high", "heldout",
        ])
        var summary: [SummaryRow] = []
        let truth = context.heldout.map { Self.profile($0, context) } ?? []
        for evaluated in rows {
            Self.append(evaluated, to: &samples, context)
            for (rank, estimate) in Self.profile(evaluated, context).enumerated() {
                profile.append([
                    .text(evaluated.policy), .text(evaluated.condition), .integer(rank + 1),
                    Table.Cell(estimate.value), Table.Cell(estimate.low), Table.Cell(estimate.high),
                    Table.Cell(rank < truth.count ? truth[rank].value : nil),
                ])
            }
            summary += summarise(evaluated, heldout: heldout, context)
        }
        return ProbeResult(
            tables: [
                ("p02_samples", samples), ("p02_profile", profile), ("p02_controls", ControlLadder(context).table),
            ], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, heldout: NeighbourMedians?, _ context: ProbeContext
    ) -> [SummaryRow] {
        let medians = NeighbourMedians(evaluated, bootstrap: evaluated.bootstrap(name, in: context))
        let withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
        func row(_ endpoint: String, _ estimate: Estimate, _ control: Estimate?, _ verdict: Verdict) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate, n: evaluated.units,
                unit: evaluated.generated.unit, control: "heldout", controlValue: control?.value, verdict: verdict)
        }
        func near(_ endpoint: String, _ part: KeyPath<NeighbourMedians, Estimate>) -> SummaryRow {
            let estimate = medians[keyPath: part]
            let control = heldout?[keyPath: part]
            return row(endpoint, estimate, control, withheld ?? Self.verdict(estimate, control, above: part == \.score))
        }
        return [
            near("p02_s_median", \.score), near("p02_ratio_median", \.ratio), near("p02_d1_median", \.distance),
            row("p02_d2_median", medians.secondDistance, heldout?.secondDistance, .measured),
            flaggedShare(evaluated, context),
        ].compactMap { $0 }
    }

    private static func verdict(_ estimate: Estimate, _ control: Estimate?, above: Bool) -> Verdict {
        guard let control, let low = control.low, let high = control.high else { return .undecided }
        if above ? estimate.lies(above: high) : estimate.lies(below: low) { return .closerThanHeldout }
        if above ? estimate.lies(below: low) : estimate.lies(above: high) { return .fartherThanHeldout }
        return .undecided
    }

    /// Share of samples the policy flags as out of distribution, beside its share at held-out observations; nil for a
    /// policy that flags nothing. Wilson interval on the number of independent units.
    private func flaggedShare(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> SummaryRow? {
        func share(_ evaluated: EvaluatedChunks) -> Double? {
            let flags = evaluated.generated.outOfDistribution.compactMap { $0 }
            return flags.isEmpty ? nil : Double(flags.count { $0 }) / Double(flags.count)
        }
        guard let flagged = share(evaluated) else { return nil }
        let heldout = context.evaluated.first {
            $0.policy == evaluated.policy && $0.condition == GeneratedChunks.Condition.heldout
        }
        return SummaryRow(
            "p02_out_of_distribution_share", policy: evaluated.policy, condition: evaluated.condition,
            Wilson.estimate(share: flagged, count: evaluated.units), n: evaluated.units, unit: evaluated.generated.unit,
            control: "heldout", controlValue: heldout.flatMap(share), verdict: .measured)
    }

    /// Mean distance to the nearest, second-nearest, ... demonstration over the median D12.
    private static func profile(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [Estimate] {
        let ranks = evaluated.toTrain.demonstrations.count
        let sorted = (0..<evaluated.count).map { row in
            evaluated.toTrain.byDemonstration[row * ranks..<(row + 1) * ranks].sorted()
        }
        let columns = (0..<ranks).map { rank in sorted.map { Double($0[rank]) / context.medianD12 } }
        return evaluated.bootstrap("p02_profile", in: context).estimates { weights in
            columns.map { weightedMean($0, weights) }
        }
    }
}
