import Basics

/// P03: is a policy nearer to its training chunks than unseen true chunks are?
///
/// - f_mem(c) = P(d1/d2 < c) for c = 0.02 ... 1, beside held-out truth and the null c^k, k the TwoNN dimension across
///   training demonstrations (`IntrinsicDimension`).
/// - DCR share = P(d(â, T) < d(â, R)) + P(tie)/2, R an equal number of demonstrations the policy never saw; null 0.5.
/// - C_T = Mann-Whitney Z of d(â → T) against d(truth → T) (Meehan, Chaudhuri and Dasgupta 2020), one true chunk per
///   observation, over all and by task phase; negative is nearer than truth. Rows of one demonstration are not
///   independent, so `c_t_clustered` = (area - 1/2) / its bootstrap standard deviation over demonstrations stands
///   beside.
/// - AuthPct = share of â farther from i1 than i1 is from any other demonstration, D12(i1) (Alaa et al. 2022).
/// - MemAUC = 1 - E[d1/d2] = ∫ f_mem(c) dc.
///
/// Control: the same number for true held-out chunks of Q; for C_T and its area the null, 0 and 0.5. Intervals resample
/// the demonstrations of Q and hold for this choice of T and R: with few demonstrations one of them may cover Q better
/// by luck, and then the held-out control itself is off 0.5.
///
/// Verdict, on the DCR row: `fit check` on `train`; `not fitted` or `fit unknown` without a fit (P01); `memorized`
/// when the DCR interval lies above 0.6 and the weaker of C_T and its clustered form is under -3; `not shown` when
/// the DCR interval contains 0.5; `not memorized` when it lies below 0.5; else `undecided`, so also wherever there is
/// no true chunk to give C_T. Other rows are `measured`.
///
/// `p03_samples`: policy, condition, observation, demonstration, frame, sample, phase, d_train, d_reference, closer
/// (1, 0.5 or 0), d_truth_train, d12 (of i1), authentic. `p03_curve`: policy, condition, c, f_mem with interval,
/// heldout with interval, null, dimension. `p03_c_t`: policy, condition, phase, z, z_clustered, area with interval,
/// rows.
public struct CalibratedMemorization: Probe {
    public let name = "p03"
    public let title = "calibrated memorization"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "any policy under any condition") { _ in true }
        guard let reference = context.reference, let heldout = context.heldout else {
            throw Failure(
                .data, "the DCR share needs three splits", at: "probe \(name)",
                expected: "train, reference and query demonstrations",
                found: "no \(context.reference == nil ? "reference" : "query") demonstrations",
                remedy: "lower data.split.train and data.split.reference so that some demonstrations are left for each")
        }
        let trainCount = context.train.demonstrations.count
        let referenceCount = reference.demonstrations.count
        guard trainCount == referenceCount else {
            throw Failure(
                .data, "the DCR share needs a reference as large as the training set", at: "data.split",
                expected: "\(trainCount) reference demonstrations", found: "\(referenceCount)",
                remedy: "set data.split.reference to data.split.train")
        }
        let truth = DistanceScores(heldout, context)
        let dimension = IntrinsicDimension(context.trainNeighbours)
            .estimate(weights: [Double](repeating: 1, count: context.train.count))
        var samples = Table(columns: Self.sampleColumns)
        var curve = Table(columns: [
            "policy", "condition", "c", "f_mem", "ci_low", "ci_high", "heldout", "heldout_low", "heldout_high", "null",
            "dimension",
        ])
        var proximity = Table(columns: TruthProximity.columns)
        var summary: [SummaryRow] = []
        for evaluated in rows {
            let scores = DistanceScores(evaluated, context)
            scores.curve.append(to: &curve, evaluated, heldout: truth.curve, dimension: dimension)
            Self.append(evaluated, scores, to: &samples, context)
            let overall = TruthProximity(evaluated, phase: nil, context)
            let phases = Set(evaluated.generated.truth?.phase ?? []).sorted()
            for part in [overall] + phases.map({ TruthProximity(evaluated, phase: $0, context) }) {
                if let part { proximity.append(part.row(evaluated)) }
            }
            summary += summarise(evaluated, scores, overall, heldout: truth, context)
        }
        return ProbeResult(
            tables: [("p03_samples", samples), ("p03_curve", curve), ("p03_c_t", proximity)], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ scores: DistanceScores, _ proximity: TruthProximity?, heldout: DistanceScores,
        _ context: ProbeContext
    ) -> [SummaryRow] {
        let withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
        func row(
            _ endpoint: String, _ estimate: Estimate, control: String = "heldout", _ controlValue: Double?,
            _ verdict: Verdict = .measured
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate, n: evaluated.units,
                unit: evaluated.generated.unit, control: control, controlValue: controlValue, verdict: verdict)
        }
        var result = [
            row(
                "p03_dcr_share", scores.share, heldout.share.value,
                withheld ?? Self.verdict(share: scores.share, proximity: proximity, context.rules)),
            row("p03_f_mem_one_third", scores.oneThird, heldout.oneThird.value),
            row("p03_mem_auc", scores.memorizedArea, heldout.memorizedArea.value),
            row("p03_authentic_share", scores.authentic, heldout.authentic.value),
        ]
        if let proximity {
            result += [
                row("p03_c_t", Estimate(value: proximity.z), control: "null", 0),
                row("p03_c_t_clustered", Estimate(value: proximity.clusteredZ), control: "null", 0),
                row("p03_c_t_area", proximity.area, control: "null", 0.5),
            ]
        }
        return result
    }

    static func verdict(share: Estimate, proximity: TruthProximity?, _ rules: DecisionRules) -> Verdict {
        if share.contains(0.5) { return .notShown }
        if share.lies(below: 0.5) { return .notMemorized }
        guard share.lies(above: rules.dcrShare), let proximity, proximity.weakerZ < rules.proximityZ else { return .undecided }
        return .memorized
    }
}
