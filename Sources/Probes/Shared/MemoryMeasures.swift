import Basics

/// What P12 and P13 say of one policy at one training length or number of demonstrations.
struct MemoryMeasures: Sendable {
    let policy: String
    let condition: String
    let share: Estimate
    /// True held-out chunks in place of the policy's.
    let heldoutShare: Double
    let proximity: TruthProximity?
    /// Median S and median d1/d2.
    let score: Double
    let ratio: Double
    /// Over the median D12, as are the errors: median d1.
    let distance: Double?
    let heldoutError: Double?
    let fit: FitCheck?
    let units: Int
    let unit: String
    /// What must be said instead of a claim.
    let withheld: Verdict?

    init(_ evaluated: EvaluatedChunks, heldout: EvaluatedChunks, _ context: ProbeContext) {
        func median(_ values: [Float]) -> Double { SortedSample(values.map(Double.init)).quantile(0.5) }
        func overD12(_ value: Double) -> Double? { context.medianD12 > 0 ? value / context.medianD12 : nil }
        let closer = evaluated.closerToTrain
        let truth = heldout.closerToTrain
        policy = evaluated.policy
        condition = evaluated.condition
        share = evaluated.bootstrap("p03", in: context).estimate { weightedMean(closer, $0) }
        heldoutShare = truth.reduce(0, +) / Double(truth.count)
        proximity = TruthProximity(evaluated, phase: nil, context)
        score = SortedSample(evaluated.score.compactMap { $0 }).quantile(0.5)
        ratio = SortedSample(evaluated.ratio).quantile(0.5)
        distance = overD12(median(evaluated.toTrain.distance))
        heldoutError = evaluated.errorToTruth.flatMap { overD12(median($0)) }
        fit = context.fits[evaluated.policy]
        units = evaluated.units
        unit = evaluated.generated.unit
        withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
    }

    /// Error to truth at held-out over that at training observations; nil where either is missing or the latter 0.
    var gap: Double? {
        guard let error = heldoutError, let fit = fit?.ratio.value, fit > 0 else { return nil }
        return error / fit
    }

    /// P03's verdict on the DCR share.
    func verdict(_ rules: DecisionRules) -> Verdict {
        withheld ?? CalibratedMemorization.verdict(share: share, proximity: proximity, rules)
    }

    /// The row of `summary.csv` for the DCR share.
    func row(_ endpoint: String, _ rules: DecisionRules) -> SummaryRow {
        SummaryRow(
            endpoint, policy: policy, condition: condition, share, n: units, unit: unit, control: "heldout",
            controlValue: heldoutShare, verdict: verdict(rules))
    }

    static let columns = [
        "fit", "fit_low", "fit_high", "fitted", "dcr_share", "ci_low", "ci_high", "heldout_dcr_share", "c_t",
        "c_t_clustered", "s_median", "ratio_median", "d1_over_d12", "error_heldout_over_d12", "generalization_gap",
        "verdict", "n", "unit",
    ]

    /// Cells under `columns`.
    func cells(_ rules: DecisionRules) -> [Table.Cell] {
        [
            Table.Cell(fit?.ratio.value), Table.Cell(fit?.ratio.low), Table.Cell(fit?.ratio.high),
            fit.map { Table.Cell($0.isFitted) } ?? .missing, Table.Cell(share.value), Table.Cell(share.low),
            Table.Cell(share.high), .number(heldoutShare), Table.Cell(proximity?.z), Table.Cell(proximity?.clusteredZ),
            .number(score), .number(ratio), Table.Cell(distance), Table.Cell(heldoutError), Table.Cell(gap),
            .text(verdict(rules).rawValue), .integer(units), .text(unit),
        ]
    }
}
