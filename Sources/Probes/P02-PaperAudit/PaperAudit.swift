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
    public let needs: Set<Need> = [.spaces]
    public let endpoints = [
        Endpoint.scoreMedian, .ratioMedian, .distanceMedian, .secondDistanceMedian, .outOfDistributionShare,
    ]
    public let evidence = [
        Evidence(.shown, .c1, [.scoreMedian, .distanceMedian]),
        Evidence(.shown, .c4, [.distanceMedian, .scoreMedian], at: .animals),
    ]
    public let sampleMeasures = [
        SampleMeasure("s", "score S", unit: "1", { (row: PaperSample) in row.key }, { $0.score }),
        SampleMeasure("d1", "distance to the nearest training sequence", unit: "standard deviations", { (row: PaperSample) in row.key }, { Double($0.d1) }),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "any policy under any condition") { _ in true }
        let heldout = context.heldout.map { NeighbourMedians($0, bootstrap: context.bootstrap(of: $0, name)) }
        let truth = context.heldout.map { Self.profile($0, context) } ?? []
        return ProbeResult(
            tables: [
                PaperSample.table(rows.flatMap { evaluated in (0..<evaluated.count).map { PaperSample(evaluated, $0, context) } }),
                ProfileRow.table(
                    rows.flatMap { evaluated in
                        Self.profile(evaluated, context).enumerated().map { rank, distance in
                            ProfileRow(
                                policy: evaluated.policy.name, condition: evaluated.condition, rank: rank + 1,
                                distance: distance, heldout: rank < truth.count ? truth[rank].value : nil)
                        }
                    }), ControlLadder.Rung.table(ControlLadder(context).rungs),
            ], summary: rows.flatMap { summarise($0, heldout: heldout, context) })
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, heldout: NeighbourMedians?, _ context: ProbeContext
    ) -> [SummaryRow] {
        let medians = NeighbourMedians(evaluated, bootstrap: context.bootstrap(of: evaluated, name))
        let withheld = context.withheld(evaluated)
        func near(_ endpoint: Endpoint, _ median: NeighbourMedians.Median) -> SummaryRow {
            endpoint.row(
                evaluated, medians[median], heldout?[median],
                withheld ?? Self.verdict(medians[median], heldout?[median], endpoint.direction))
        }
        return [
            near(.scoreMedian, .score), near(.ratioMedian, .ratio), near(.distanceMedian, .distance),
            Endpoint.secondDistanceMedian.row(evaluated, medians[.secondDistance], heldout?[.secondDistance]),
            flaggedShare(evaluated, context),
        ].compactMap { $0 }
    }

    /// Beyond the interval of true held-out chunks, on the side of memory or on the other.
    private static func verdict(_ estimate: Estimate, _ control: Estimate?, _ direction: Endpoint.Direction) -> Verdict {
        guard let control, let low = control.low, let high = control.high else { return .undecided }
        if estimate.lies(above: high) { return direction == .raisedByMemory ? .closerThanHeldout : .fartherThanHeldout }
        if estimate.lies(below: low) { return direction == .raisedByMemory ? .fartherThanHeldout : .closerThanHeldout }
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
        return Endpoint.outOfDistributionShare.row(
            evaluated, Wilson.estimate(share: flagged, count: evaluated.units),
            context.evaluated(evaluated.policy, .heldout).flatMap(share))
    }

    /// Mean distance to the nearest, second-nearest, ... demonstration over the median D12.
    private static func profile(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [Estimate] {
        let ranks = evaluated.toTrain.demonstrations.count
        let sorted = (0..<evaluated.count).map { row in
            evaluated.toTrain.byDemonstration[row * ranks..<(row + 1) * ranks].sorted()
        }
        let columns = (0..<ranks).map { rank in sorted.map { Double($0[rank]) / context.medianD12 } }
        return context.bootstrap(of: evaluated, "p02_profile").estimates { weights in
            columns.map { weightedMean($0, weights) }
        }
    }
}

extension Endpoint {
    static let distances = "training standard deviations"
    public static let scoreMedian = Endpoint(
        "p02_s_median", "score S",
        "median of S = 1 - d(a, a1) / d(a1, a2): a the generated sequence, a1 the nearest training sequence, a2 the nearest to a of another demonstration",
        unit: "S", control: .heldout, .raisedByMemory, separatesOracles: true)
    static let ratioMedian = Endpoint(
        "p02_ratio_median", "d1 / d2",
        "median of d1 / d2: distance to the nearest training sequence over that to the nearest one of another demonstration",
        unit: "d1 / d2", control: .heldout, .loweredByMemory)
    public static let distanceMedian = Endpoint(
        "p02_d1_median", "distance to training, d1",
        "median distance of generated sequences to the nearest training sequence",
        unit: distances, control: .heldout, .loweredByMemory, separatesOracles: true)
    static let secondDistanceMedian = Endpoint(
        "p02_d2_median", "second distance, d2",
        "median distance of generated sequences to the nearest training sequence of another demonstration than the nearest one's",
        unit: distances, control: .heldout)
    public static let outOfDistributionShare = Endpoint(
        "p02_out_of_distribution_share", "flagged",
        "share of sequences whose observation the policy's own monitor calls out of distribution",
        unit: "share of samples", control: .heldout)
}
