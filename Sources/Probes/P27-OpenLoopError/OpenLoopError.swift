import Basics

/// P27: how far are a policy's sequences from what the demonstrator did, and are two policies equally far?
///
/// error = distance of the generated to the true chunk of the observation over the median D12, median over samples; the
/// open-loop error that robomimic and diffusion_policy report on held-out demonstrations, in this project's distance.
/// difference = mean error minus the mean error of `diffusion_ddpm` at the same observations, with a paired 90 % interval
/// over demonstrations: two one-sided tests at 5 % (Schuirmann 1987). It is a stand-in for task success, which needs
/// the simulator: several sequences may succeed where the demonstrator did one.
///
/// Control: `mean`, the error of the training mean (`p27_error_over_d12`); the margin (`p27_difference`). Verdict of the
/// difference: `equivalent` when its interval lies within ± the margin of `rules.equivalenceMargin`, `better` or `worse`
/// when wholly beyond 0 and not within, else `undecided`.
///
/// `p27_samples`: policy, condition, observation, demonstration, frame, sample, error_over_d12.
public struct OpenLoopError: Probe {
    public let name = "p27"
    public let title = "open-loop error against the demonstrator"
    /// The policy the others are compared with.
    private static let baseline = "diffusion_ddpm"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "a policy at held-out observations with true chunks") {
            $0.condition == GeneratedChunks.Condition.heldout && $0.errorToTruth != nil
        }
        let floor = context.evaluated("mean", GeneratedChunks.Condition.heldout).flatMap { errors($0, context) }
            .map { SortedSample($0).quantile(0.5) }
        let baseline = context.evaluated(Self.baseline, GeneratedChunks.Condition.heldout)
        var samples = Table(columns: [
            "policy", "condition", "observation", "demonstration", "frame", "sample", "error_over_d12",
        ])
        var summary: [SummaryRow] = []
        for evaluated in rows {
            guard let errors = errors(evaluated, context) else { continue }
            let generated = evaluated.generated
            for (row, error) in errors.enumerated() {
                samples.append([
                    .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                    .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                    .integer(generated.sample[row]), .number(error),
                ])
            }
            let sample = SortedSample(errors)
            summary.append(
                row(
                    "p27_error_over_d12", evaluated,
                    evaluated.bootstrap(name, in: context).estimate { sample.median(weights: $0) }, "mean", floor, .measured))
            if let baseline, evaluated.policy != baseline.policy, let difference = difference(evaluated, baseline, context) {
                summary.append(
                    row(
                        "p27_difference", evaluated, difference, "margin", context.rules.equivalenceMargin,
                        Self.verdict(difference, margin: context.rules.equivalenceMargin)))
            }
        }
        return ProbeResult(tables: [("p27_samples", samples)], summary: summary)
    }

    private func errors(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [Double]? {
        evaluated.errorToTruth?.map { Double($0) / context.medianD12 }
    }

    /// Mean over observations of the difference of mean errors, paired; 90 % interval.
    private func difference(_ own: EvaluatedChunks, _ other: EvaluatedChunks, _ context: ProbeContext) -> Estimate? {
        guard let ownErrors = errors(own, context), let otherErrors = errors(other, context) else { return nil }
        func means(_ evaluated: EvaluatedChunks, _ errors: [Double]) -> [Int: (mean: Double, cluster: Int)] {
            Dictionary(grouping: errors.indices) { evaluated.generated.observation[$0] }.mapValues { rows in
                (rows.reduce(0.0) { $0 + errors[$1] } / Double(rows.count), evaluated.generated.cluster[rows[0]])
            }
        }
        let (first, second) = (means(own, ownErrors), means(other, otherErrors))
        let shared = first.keys.filter { second[$0] != nil }.sorted()
        let values = shared.compactMap { key in first[key].flatMap { own in second[key].map { own.mean - $0.mean } } }
        guard !values.isEmpty else { return nil }
        let bootstrap = context.bootstrap(
            clusters: shared.compactMap { first[$0]?.cluster }, stream: context.seed / name / "difference" / own.policy)
        let drawn = SortedSample(
            bootstrap.units > 1 ? bootstrap.replicates { [weightedMean(values, $0)] }.map { $0[0] }.filter(\.isFinite) : [])
        return Estimate(
            value: values.reduce(0, +) / Double(values.count),
            low: drawn.sorted.isEmpty ? nil : drawn.quantile(0.05), high: drawn.sorted.isEmpty ? nil : drawn.quantile(0.95))
    }

    private static func verdict(_ difference: Estimate, margin: Double) -> Verdict {
        guard let low = difference.low, let high = difference.high else { return .undecided }
        if low > -margin && high < margin { return .equivalent }
        return low > 0 ? .worse : high < 0 ? .better : .undecided
    }

    private func row(
        _ endpoint: String, _ evaluated: EvaluatedChunks, _ estimate: Estimate, _ control: String, _ controlValue: Double?,
        _ verdict: Verdict
    ) -> SummaryRow {
        SummaryRow(
            endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate, n: evaluated.units,
            unit: evaluated.generated.unit, control: control, controlValue: controlValue, verdict: verdict)
    }
}
