import Basics

/// P07: is a generated chunk a copy of one demonstration, a blend of several, or neither?
///
/// Candidates are the nearest chunks of the 8 nearest training demonstrations. The closest point of their convex hull
/// to the generated chunk (`ConvexBlend`, in the units of `ChunkMetric`) gives its largest weight, its effective number
/// of demonstrations exp(entropy of the weights), and the residual: distance to that point over the median D12.
///
/// Controls: `heldout`, the true chunks at the same observations (of all of Q where a condition has none); `jitter`,
/// training chunks with noise of a quarter of the median D12, in the table. A true chunk of smooth data lies near a
/// blend of its neighbours too; what tells a blend is that it lies nearer to the hull than truth does.
///
/// Verdict of the mean largest weight, with the residual over that of held-out truth (paired, one bootstrap): withheld
/// without a fit (P01); `copy` when the weight's interval lies above 0.9 and above that of held-out truth and the
/// residual ratio lies below 1; `blend` when the weight lies below 0.9 and the ratio below 0.5; `novel` when the ratio
/// lies above 0.5, however large the weight; else `undecided`. Novel means away from the demonstrations, not right. Other
/// rows are `measured`.
///
/// `p07_samples`: policy, condition, observation, demonstration, frame, sample, largest_weight, effective_demonstrations,
/// residual (over the median D12). `p07_blend`: policy, condition, measure (largest_weight, effective_demonstrations,
/// residual, residual_over_heldout), value with interval, heldout with interval, jitter.
public struct CopyBlendNovel: Probe {
    public let name = "p07"
    public let title = "copy, blend or novel"
    public let endpoints = [Endpoint.largestWeight, .effectiveDemonstrations, .blendResidual]
    public let evidence = [
        Evidence(.decides, .c3, [.largestWeight]), Evidence(.shown, .c3, [.blendResidual, .effectiveDemonstrations]),
    ]

    /// Demonstrations whose nearest chunks may be blended.
    static let candidates = 8

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutUnit }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "any policy under any condition") { _ in true }
        guard context.medianD12 > 0 else {
            throw Failure(
                .data, "probe \(name) has no unit of distance", at: "train", expected: "a median D12 above 0", found: "0",
                remedy: "check the demonstrations for duplicates, or leave \(name) out of the list of probes")
        }
        let jittered = context.metric.scaled(ControlChunks.jittered(context))
        let jitter = BlendScores(
            ConvexBlend.all(
                jittered, near: NearestChunks(of: jittered, in: context.scaledTrain, pool: context.pool),
                in: context.scaledTrain, count: Self.candidates, pool: context.pool), context.medianD12)
        let heldout = context.heldout.map { BlendScores($0.generated.chunks, $0.toTrain, context) }
        var samples: [BlendSample] = []
        var table: [BlendRow] = []
        var summary: [SummaryRow] = []
        for evaluated in rows {
            let own = BlendScores(evaluated.generated.chunks, evaluated.toTrain, context)
            let truth = evaluated.generated.truth.flatMap { truth in
                evaluated.truthToTrain.map { BlendScores(truth, $0, context) }
            }
            let compared = BlendComparison(
                own, paired: truth, unpaired: heldout, clusters: context.heldout?.generated.cluster ?? [], evaluated, context)
            samples += (0..<evaluated.count).map { row in
                BlendSample(
                    key: SampleKey(evaluated, row), largestWeight: own[.largestWeight][row],
                    effective: own[.effectiveDemonstrations][row], residual: own[.residual][row])
            }
            table += compared.rows(evaluated, jitter: jitter)
            summary += summarise(evaluated, compared, context)
        }
        return ProbeResult(tables: [BlendSample.table(samples), BlendRow.table(table)], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ compared: BlendComparison, _ context: ProbeContext
    ) -> [SummaryRow] {
        func row(_ endpoint: Endpoint, _ measure: BlendMeasure, _ verdict: Verdict = .measured) -> SummaryRow {
            endpoint.row(evaluated, compared.own[measure], compared.heldout?[measure], verdict)
        }
        return [
            row(.largestWeight, .largestWeight, context.withheld(evaluated) ?? compared.verdict(context.rules)),
            row(.effectiveDemonstrations, .effectiveDemonstrations), row(.blendResidual, .residual),
        ]
    }
}

extension Endpoint {
    static let largestWeight = Endpoint(
        "p07_largest_weight", "largest weight",
        "largest weight of the convex blend of the 8 nearest training demonstrations that lies nearest to a sequence, mean",
        unit: "share of the blend", control: .heldout, .raisedByMemory, separatesOracles: true,
        criterion: { .above($0.largestWeight) })
    static let effectiveDemonstrations = Endpoint(
        "p07_effective_demonstrations", "effective demonstrations",
        "exp(entropy of the weights of that blend), mean",
        unit: "demonstrations", control: .heldout, .loweredByMemory)
    static let blendResidual = Endpoint(
        "p07_residual", "residual of the blend",
        "distance of a sequence to that blend over the median D12, mean",
        unit: "median D12", control: .heldout, .loweredByMemory, separatesOracles: true)
}

/// A row of `p07_samples`.
private struct BlendSample: ProbeTable {
    static let name = "p07_samples"
    var key = SampleKey()
    var largestWeight = 0.0, effective = 0.0
    /// Over the median D12.
    var residual = 0.0

    static var columns: [Column<BlendSample>] {
        [
            Column(\.key), Column("largest_weight", \.largestWeight), Column("effective_demonstrations", \.effective),
            Column("residual", \.residual),
        ]
    }
}
