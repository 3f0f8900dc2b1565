import Basics

/// When a share of sequences nearer to the training demonstrations speaks for memory: the rule of P03, which P12, P13 and
/// P26 put to other trainings and other choices.
enum MemoryRule {
    static func share(_ rules: DecisionRules) -> Criterion {
        Criterion(
            "supports: interval above \(rules.dcrShare); contradicts: contains 0.5 or lies below it",
            supports: { $0.estimate.lies(above: rules.dcrShare) },
            contradicts: { $0.estimate.contains(0.5) || $0.estimate.lies(below: 0.5) })
    }

    /// Of C_T, plain or clustered. The clustered form does not exist where the bootstrap saw no variation: then it supports nothing.
    static func proximity(_ rules: DecisionRules) -> Criterion {
        Criterion("supports: below \(rules.proximityZ)", supports: { $0.estimate.value.map { $0 < rules.proximityZ } ?? false })
    }

    /// - Parameter weakerZ: the one of C_T and its clustered form that is nearer to the null; nil without true chunks, or where the
    ///   clustered form does not exist.
    static func verdict(share: Estimate, weakerZ: Double?, _ rules: DecisionRules) -> Verdict {
        let side = side(share: share, rules)
        guard side == .memorized else { return side }
        let finding = Criterion.Finding(estimate: Estimate(value: weakerZ), control: Estimate(value: 0))
        return proximity(rules).reading(finding) == .supports ? .memorized : .undecided
    }

    /// What the share says alone.
    static func side(share: Estimate, _ rules: DecisionRules) -> Verdict {
        switch Self.share(rules).reading(Criterion.Finding(estimate: share, control: Estimate(value: 0.5))) {
        case .supports: .memorized
        case .contradicts: share.contains(0.5) ? .notShown : .notMemorized
        case .open, .shown: .undecided
        }
    }
}

/// What P12 and P13 say of one policy at one training length or number of demonstrations.
struct MemoryMeasures: Sendable {
    let evaluated: EvaluatedChunks
    let share: Estimate
    /// True held-out chunks in place of the policy's.
    let heldoutShare: Double
    let proximity: TruthProximity?
    let fit: FitCheck?
    /// What must be said instead of a claim.
    let withheld: Verdict?
    /// P03's verdict on the share.
    let verdict: Verdict
    private let medianD12: Double

    init(_ evaluated: EvaluatedChunks, heldout: EvaluatedChunks, _ context: ProbeContext) {
        let closer = evaluated.closerToTrain
        let truth = heldout.closerToTrain
        self.evaluated = evaluated
        share = context.bootstrap(of: evaluated, "p03").estimate { weightedMean(closer, $0) }
        heldoutShare = truth.reduce(0, +) / Double(truth.count)
        proximity = TruthProximity(evaluated, phase: nil, context)
        fit = context.fits[evaluated.policy]
        withheld = context.withheld(evaluated)
        verdict = withheld ?? MemoryRule.verdict(share: share, weakerZ: proximity?.weakerZ, context.rules)
        medianD12 = context.medianD12
    }

    /// The row of `summary.csv` for the DCR share.
    func row(_ endpoint: Endpoint) -> SummaryRow { endpoint.row(evaluated, share, heldoutShare, verdict) }

    var columns: MemoryColumns {
        func median(_ values: [Float]) -> Double { SortedSample(values.map(Double.init)).quantile(0.5) }
        func overD12(_ value: Double) -> Double? { medianD12 > 0 ? value / medianD12 : nil }
        let error = evaluated.errorToTruth.flatMap { overD12(median($0)) }
        return MemoryColumns(
            fit: fit?.ratio ?? Estimate(value: nil), isFitted: fit?.isFitted, share: share, heldoutShare: heldoutShare,
            c_t: proximity?.z, clusteredC_T: proximity?.clusteredZ,
            score: SortedSample(evaluated.score.compactMap { $0 }).quantile(0.5),
            ratio: SortedSample(evaluated.ratio).quantile(0.5), distance: overD12(median(evaluated.toTrain.distance)),
            heldoutError: error,
            gap: error.flatMap { error in fit?.ratio.value.flatMap { $0 > 0 ? error / $0 : nil } }, verdict: verdict,
            n: evaluated.units, unit: evaluated.generated.unit)
    }
}

/// The columns that `p12_training` and `p13_sizes` share.
struct MemoryColumns: Record {
    var fit = Estimate(value: nil)
    var isFitted: Bool?
    var share = Estimate(value: nil)
    var heldoutShare = 0.0
    var c_t: Double?
    var clusteredC_T: Double?
    /// Median S and median d1/d2.
    var score = 0.0, ratio = 0.0
    /// Over the median D12, as are the errors: median d1.
    var distance: Double?
    var heldoutError: Double?
    /// Error to truth at held-out over that at training observations.
    var gap: Double?
    var verdict = Verdict.measured
    var n = 0
    var unit = ""

    static var columns: [Column<MemoryColumns>] {
        [
            .bounds("fit", \.fit), Column("fitted", \.isFitted), .interval("dcr_share", \.share),
            Column("heldout_dcr_share", \.heldoutShare), Column("c_t", \.c_t), Column("c_t_clustered", \.clusteredC_T),
            Column("s_median", \.score), Column("ratio_median", \.ratio), Column("d1_over_d12", \.distance),
            Column("error_heldout_over_d12", \.heldoutError), Column("generalization_gap", \.gap),
            Column("verdict", \.verdict), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}
