import Basics

/// P20: does the density of training chunks around the true answer predict how much a policy's answer is a memory?
///
/// At held-out observations with a true chunk. Density = -ln of the distance from the TRUE chunk to its 5th nearest
/// training demonstration (nearest chunk of each). Memory = 1 - d1/d2 of the generated chunk; closer = 1 where it is
/// nearer to T than to R, 0.5 at a tie. Spearman's correlation of density and memory per policy, interval by bootstrap
/// over demonstrations, two-sided p by permuting whole demonstrations (999 draws).
///
/// Control: `heldout`, the same number with the true held-out chunks as the answers: their d1/d2 depends on density too.
///
/// Verdict of the correlation: `not fitted` or `fit unknown` without a fit; `undefined` where memory is the same at
/// every observation (a policy that returns training chunks has memory 1 everywhere: the value is NA and `p20_memory`
/// says why); `memory where sparse` when the interval lies below 0 and below the control, `memory where dense` when
/// above both; else `undecided`. `p20_memory`, the mean, is `measured`.
///
/// `p20_samples`: policy, condition, observation, demonstration, frame, sample, density, memory, closer. `p20_bins`:
/// policy, condition, quartile of density among the policy's rows with its bounds, mean memory and closer with
/// intervals, mean memory of held-out truth between the same bounds, rows. `p20_correlation`: policy, condition,
/// correlation with interval, p, held-out correlation. NA where a number does not exist.
public struct CoverageAgainstMemory: Probe {
    public let name = "p20"
    public let title = "coverage predicts memory"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let condition = GeneratedChunks.Condition.heldout
        let rows = try context.requireEvaluated(name, where: "policies under heldout, with true chunks") {
            $0.condition == condition && $0.truthToTrain != nil
        }
        let control = context.heldout.flatMap { CoverageScores($0, context) }
        let truth = control.map { ($0.correlation, $0.meanMemory) }
        var samples = Table(columns: [
            "policy", "condition", "observation", "demonstration", "frame", "sample", "density", "memory", "closer",
        ])
        var bins = Table(columns: CoverageScores.binColumns)
        var correlations = Table(columns: [
            "policy", "condition", "correlation", "ci_low", "ci_high", "p", "heldout", "n", "unit",
        ])
        var summary: [SummaryRow] = []
        for evaluated in rows {
            guard let scores = CoverageScores(evaluated, context) else { continue }
            let (generated, correlation) = (evaluated.generated, scores.correlation)
            for row in 0..<evaluated.count {
                samples.append([
                    .text(evaluated.policy), .text(condition), .integer(generated.observation[row]),
                    .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                    .integer(generated.sample[row]), .number(scores.density[row]), .number(scores.memory[row]),
                    Table.Cell(scores.closer.map { $0[row] }),
                ])
            }
            for row in scores.bins(control: control) { bins.append(row) }
            correlations.append([
                .text(evaluated.policy), .text(condition), Table.Cell(correlation.value), Table.Cell(correlation.low),
                Table.Cell(correlation.high), Table.Cell(scores.permutationP()), Table.Cell(truth?.0.value),
                .integer(evaluated.units), .text(generated.unit),
            ])
            let withheld = Verdict.withheld(condition: condition, fit: context.fits[evaluated.policy])
            let verdict = Self.verdict(correlation, control: truth?.0.value)
            func row(_ endpoint: String, _ estimate: Estimate, _ control: Double?, _ verdict: Verdict) -> SummaryRow {
                SummaryRow(
                    endpoint, policy: evaluated.policy, condition: condition, estimate, n: evaluated.units,
                    unit: generated.unit, control: "heldout", controlValue: control, verdict: verdict)
            }
            summary += [
                row("p20_density_memory", correlation, truth?.0.value, withheld ?? verdict),
                row("p20_memory", scores.meanMemory, truth?.1.value, .measured),
            ]
        }
        return ProbeResult(
            tables: [("p20_samples", samples), ("p20_bins", bins), ("p20_correlation", correlations)], summary: summary)
    }

    private static func verdict(_ correlation: Estimate, control: Double?) -> Verdict {
        guard correlation.value != nil else { return .undefined }
        if correlation.lies(below: min(0, control ?? 0)) { return .memoryWhereSparse }
        return correlation.lies(above: max(0, control ?? 0)) ? .memoryWhereDense : .undecided
    }
}
