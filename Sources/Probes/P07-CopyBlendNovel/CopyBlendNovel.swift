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

    /// Demonstrations whose nearest chunks may be blended.
    static let candidates = 8

    public init() {}

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
        let heldout = context.heldout.map {
            BlendScores($0.generated.chunks, $0.toTrain, context)
        }
        var samples = Table(columns: [
            "policy", "condition", "observation", "demonstration", "frame", "sample", "largest_weight",
            "effective_demonstrations", "residual",
        ])
        var table = Table(columns: [
            "policy", "condition", "measure", "value", "ci_low", "ci_high", "heldout", "heldout_low", "heldout_high",
            "jitter",
        ])
        var summary: [SummaryRow] = []
        for evaluated in rows {
            let own = BlendScores(evaluated.generated.chunks, evaluated.toTrain, context)
            let truth = evaluated.generated.truth.flatMap { truth in
                evaluated.truthToTrain.map { BlendScores(truth, $0, context) }
            }
            let compared = BlendComparison(
                own, paired: truth, unpaired: heldout,
                clusters: context.heldout?.generated.cluster ?? [], evaluated, context)
            Self.append(evaluated, own, to: &samples)
            let parts = [
                ("largest_weight", compared.largestWeight, jitter.largestWeight),
                ("effective_demonstrations", compared.effective, jitter.effective),
                ("residual", compared.residual, jitter.residual),
            ]
            let once = [Double](repeating: 1, count: jitter.residual.count)
            for (measure, part, jittered) in parts {
                table.append(
                    [.text(evaluated.policy), .text(evaluated.condition), .text(measure)] + part.own.cells
                        + (part.heldout ?? Estimate(value: nil)).cells + [.number(weightedMean(jittered, once))])
            }
            table.append(
                [.text(evaluated.policy), .text(evaluated.condition), "residual_over_heldout"]
                    + compared.ratio.cells + Estimate(value: 1).cells + [.missing])
            summary += summarise(evaluated, compared, context)
        }
        return ProbeResult(tables: [("p07_samples", samples), ("p07_blend", table)], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ compared: BlendComparison, _ context: ProbeContext
    ) -> [SummaryRow] {
        let withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
        func row(_ endpoint: String, _ part: BlendComparison.Part, _ verdict: Verdict = .measured) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, part.own, n: evaluated.units,
                unit: evaluated.generated.unit, control: "heldout", controlValue: part.heldout?.value, verdict: verdict)
        }
        return [
            row("p07_largest_weight", compared.largestWeight, withheld ?? compared.verdict(context.rules)),
            row("p07_effective_demonstrations", compared.effective),
            row("p07_residual", compared.residual),
        ]
    }

    private static func append(_ evaluated: EvaluatedChunks, _ own: BlendScores, to table: inout Table) {
        let generated = evaluated.generated
        for row in 0..<evaluated.count {
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                .integer(generated.sample[row]), .number(own.largestWeight[row]), .number(own.effective[row]),
                .number(own.residual[row]),
            ])
        }
    }
}
