import Basics
import Plots

/// P03: is a policy nearer to its training chunks than unseen true chunks are?
///
/// - f_mem(c) = P(d1/d2 < c) for c = 0.02 ... 1, beside held-out truth and the null c^k, k the TwoNN dimension across
///   training demonstrations (`IntrinsicDimension`).
/// - DCR share = P(d(â, T) < d(â, R)) + P(tie)/2, R an equal number of demonstrations the policy never saw; null 0.5.
/// - C_T = Mann-Whitney Z of d(â → T) against d(truth → T) (Meehan, Chaudhuri and Dasgupta 2020), one true chunk per
///   observation, over all and by task phase; negative is nearer than truth. Rows of one demonstration are not
///   independent, so `c_t_clustered` = (area - 1/2) / its bootstrap standard deviation over demonstrations stands
///   beside.
/// - Symmetric share: the DCR share of the policy and, about R, of its twin trained on R, averaged (`SymmetricShare`), at
///   the conditions that the twin was asked about; its null is 0.5 however well T and R happen to cover Q. Where the
///   demonstrations were divided several times, `p03_symmetric_share_splits` is the mean over the divisions (`SplitShares`).
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
/// rows. `p03_splits`: policy, split, shares of the policy and of both twins with interval, fitted.
public struct CalibratedMemorization: Probe {
    public let name = "p03"
    public let title = "calibrated memorization"
    public let needs: Set<Need> = [.twin, .splits]
    public let endpoints = [
        Endpoint.dcrShare, .symmetricShare, .splitShare, .memorizedBelowOneThird, .memorizedArea, .authenticShare, .proximity, .clusteredProximity,
        .proximityArea,
    ]
    public let evidence = [
        Evidence(.decides, .c1, [.dcrShare, .proximity, .clusteredProximity]),
        Evidence(.shown, .c1, [.symmetricShare]), Evidence(.shown, .c1, [.symmetricShare, .splitShare], of: .role(.standIn)),
        Evidence(.decidesWhereMeasured, .c4, [.symmetricShare], at: .animals),
    ]

    public let sampleMeasures = [
        SampleMeasure("dcr_share", "DCR share", unit: "share of sequences", { (row: MemorySample) in row.key }, { row in row.toReference.map { _ in row.closer } })
    ]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "any policy under any condition") { _ in true }
        let heldout = try context.requireFloor(name)
        try requireEqualSplits(context)
        let truth = try DistanceScores(heldout, context)
        let dimension = IntrinsicDimension(context.trainNeighbours)
            .estimate(weights: [Double](repeating: 1, count: context.train.count))
        var samples: [MemorySample] = []
        var curve: [CurvePoint] = []
        var proximity: [ProximityRow] = []
        var summary: [SummaryRow] = []
        for evaluated in rows {
            let scores = try DistanceScores(evaluated, context)
            curve += scores.curve.points(evaluated, heldout: truth.curve, dimension: dimension)
            samples += (0..<evaluated.count).map { MemorySample(evaluated, $0, scores) }
            let phases = Set(evaluated.generated.truth?.phase ?? []).sorted()
            let measured = try context.kept("proximity \(evaluated.policy) \(evaluated.condition)") {
                ([nil] + phases).compactMap { TruthProximity(evaluated, phase: $0, context) }
            }
            let overall = measured.first { $0.isOverall }
            proximity += measured.map { ProximityRow(evaluated, $0) }
            summary += summarise(evaluated, scores, overall, heldout: truth, context)
            if let symmetric = try SymmetricShare(evaluated, context) { summary.append(symmetric.row(evaluated, context.rules)) }
        }
        let splits = try SplitShares.all(context)
        summary += splits.map { $0.row(context.rules) }
        return ProbeResult(
            tables: [
                MemorySample.table(samples), CurvePoint.table(curve), ProximityRow.table(proximity), SplitRow.table(splits.flatMap(\.rows)),
            ], summary: summary)
    }

    private func requireEqualSplits(_ context: ProbeContext) throws {
        let train = context.train.demonstrations.count, reference = context.reference?.demonstrations.count ?? 0
        guard train != reference else { return }
        throw Failure(
            .data, "the DCR share needs a reference as large as the training set", at: "data.split",
            expected: "\(train) reference demonstrations", found: "\(reference)",
            remedy: "set data.split.reference to data.split.train")
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ scores: DistanceScores, _ proximity: TruthProximity?, heldout: DistanceScores,
        _ context: ProbeContext
    ) -> [SummaryRow] {
        let verdict =
            context.withheld(evaluated)
            ?? MemoryRule.verdict(share: scores[.share], weakerZ: proximity?.weakerZ, context.rules)
        let result = [
            Endpoint.dcrShare.row(evaluated, scores[.share], heldout[.share], verdict),
            Endpoint.memorizedBelowOneThird.row(evaluated, scores[.oneThird], heldout[.oneThird]),
            Endpoint.memorizedArea.row(evaluated, scores[.area], heldout[.area]),
            Endpoint.authenticShare.row(evaluated, scores[.authentic], heldout[.authentic]),
        ]
        guard let proximity else { return result }
        return result + [
            Endpoint.proximity.row(evaluated, Estimate(value: proximity.z), 0),
            Endpoint.clusteredProximity.row(evaluated, Estimate(value: proximity.clusteredZ), 0),
            Endpoint.proximityArea.row(evaluated, proximity.area, 0.5),
        ]
    }
}

extension Endpoint {
    public static let dcrShare = Endpoint(
        "p03_dcr_share", "DCR share",
        "share of generated sequences nearer to T than to R (ties 1/2): T the training demonstrations, R as many that were not learned from; 0.5 without memory",
        unit: "share of sequences", control: .heldout, .raisedByMemory, separatesOracles: true,
        criterion: MemoryRule.share)
    static let memorizedBelowOneThird = Endpoint(
        "p03_f_mem_one_third", "f_mem(1/3)",
        "share of generated sequences with d1 / d2 < 1/3 (Yoon et al. 2023); c^k by chance in k dimensions",
        unit: "share of sequences", control: .heldout, .raisedByMemory)
    static let memorizedArea = Endpoint(
        "p03_mem_auc", "area under f_mem",
        "mean of 1 - d1 / d2, the area under f_mem(c) for c from 0 to 1",
        unit: "1 - d1 / d2", control: .heldout, .raisedByMemory, separatesOracles: true)
    static let authenticShare = Endpoint(
        "p03_authentic_share", "authentic share",
        "share of sequences that lie farther from their nearest training sequence than that lies from its nearest one of another demonstration (Alaa et al. 2022)",
        unit: "share of sequences", control: .heldout, .loweredByMemory)
    public static let proximity = Endpoint(
        "p03_c_t", "C_T",
        "Mann-Whitney Z of the distances to T of generated sequences against those of true sequences at the same observations (Meehan et al. 2020); negative: generated ones are nearer",
        unit: "Z", control: .noEffect, .loweredByMemory,
        criterion: MemoryRule.proximity)
    static let clusteredProximity = Endpoint(
        "p03_c_t_clustered", "C_T over demonstrations",
        "(area - 1/2) over its standard deviation over demonstrations; area = P(generated farther from T than true) + P(tie) / 2",
        unit: "Z", control: .noEffect, .loweredByMemory,
        criterion: MemoryRule.proximity)
    static let proximityArea = Endpoint(
        "p03_c_t_area", "area of C_T",
        "P(distance to T of a generated sequence > that of the true one) + P(tie) / 2",
        unit: "probability", control: .noEffect, .loweredByMemory)
}

/// A row of `p03_samples`: one generated chunk.
private struct MemorySample: ProbeTable {
    static let name = "p03_samples"
    var key = SampleKey()
    var phase: String?
    var toTrain: Float = 0
    var toReference: Float?
    var closer = 0.0
    var truthToTrain: Float?
    /// D12 of i1.
    var spacing: Float = 0
    var isAuthentic = false

    init() {}

    init(_ evaluated: EvaluatedChunks, _ row: Int, _ scores: DistanceScores) {
        key = SampleKey(evaluated, row)
        phase = evaluated.generated.truth?.phase[row]
        toTrain = evaluated.toTrain.distance[row]
        toReference = evaluated.toReference?.distance[row]
        closer = scores.closer[row]
        truthToTrain = evaluated.truthToTrain?.distance[row]
        spacing = scores.spacing[row]
        isAuthentic = scores.isAuthentic[row]
    }

    static var columns: [Column<MemorySample>] {
        [
            Column(\.key), Column("phase", \.phase), Column("d_train", \.toTrain), Column("d_reference", \.toReference),
            Column("closer", \.closer), Column("d_truth_train", \.truthToTrain), Column("d12", \.spacing),
            Column("authentic", \.isAuthentic),
        ]
    }
}

/// A row of `p03_c_t`.
private struct ProximityRow: ProbeTable {
    static let name = "p03_c_t"
    var policy = ""
    var condition = Condition("")
    var phase = ""
    var z = 0.0
    var clusteredZ: Double?
    var area = Estimate(value: nil)
    var generated = 0, truth = 0, n = 0
    var unit = ""

    init() {}

    init(_ evaluated: EvaluatedChunks, _ proximity: TruthProximity) {
        policy = evaluated.policy.name
        condition = evaluated.condition
        phase = proximity.phase
        z = proximity.z
        clusteredZ = proximity.clusteredZ
        area = proximity.area
        generated = proximity.generatedCount
        truth = proximity.truthCount
        n = proximity.units
        unit = evaluated.generated.unit
    }

    static var columns: [Column<ProximityRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("phase", \.phase), Column("z", \.z),
            Column("z_clustered", \.clusteredZ), .interval("area", \.area), Column("rows_generated", \.generated),
            Column("rows_truth", \.truth), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

extension CalibratedMemorization {
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let share = try source.endpointFigure(
            .dcrShare, title: "Nearer to training than to reference demonstrations", unit: "share of sequences (DCR share)",
            null: Plot.Reference("no memory", 0.5), yRange: -0.02...1.02)
        let curve = try curve(source.rows(CurvePoint.self).filter { $0.condition == .heldout }, source)
        return [share, curve].compactMap { $0 }
    }

    /// The share of sequences below a ratio, against the ratio.
    private func curve(_ rows: [CurvePoint], _ source: any FigureSource) -> Plot? {
        guard !rows.isEmpty else { return nil }
        let policies = source.policies(PolicyRole.drawn, in: rows.map(\.policy))
        func line(_ policy: PolicyID, _ y: (CurvePoint) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(x: \.c, y: y)
        }
        var series = policies.map { Plot.Series($0, line($0, \.share)) }
        if let first = policies.first {
            series.append(Plot.Series("held-out truth", isControl: true, mark: .truth, line(first, \.heldout)))
            series.append(Plot.Series("chance, c^k", isControl: true, mark: Plot.Mark("#999999", point: 1, dash: 5), line(first) { Estimate(value: $0.null) }))
        }
        return Plot(
            name: "p03_f_mem", title: "Share of sequences with d1 / d2 below c, held-out observations", xLabel: "c",
            yLabel: "f_mem(c)", kind: .curves, series: series, yRange: 0...1)
    }
}
