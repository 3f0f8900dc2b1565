import Basics
import Plots

/// P27: how far are a policy's sequences from what the demonstrator did, and are two policies equally far?
///
/// error = distance of the generated to the true chunk of the observation over the median D12, median over samples; the
/// open-loop error that robomimic and diffusion_policy report on held-out demonstrations, in this project's distance.
/// difference = mean error minus the mean error of the policy under study at the same observations, with a paired 95 %
/// interval over demonstrations. It is a stand-in for task success, which needs the simulator: several sequences may succeed
/// where the demonstrator did one.
///
/// Control: `mean`, the error of the training mean (`p27_error_over_d12`); the margin (`p27_difference`). Verdict of the
/// difference: `equivalent` when two one-sided tests at 5 % find it within ± `rules.equivalence_margin` (Schuirmann 1987: its
/// 90 % interval lies within), else `better` or `worse` when the 95 % interval lies wholly beyond 0, else `undecided`.
///
/// `p27_samples`: policy, condition, observation, demonstration, frame, sample, error_over_d12.
public struct OpenLoopError: Probe {
    public let name = "p27"
    public let title = "open-loop error against the demonstrator"
    public let endpoints = [Endpoint.openLoopError, .openLoopDifference]
    public let evidence = [
        Evidence(.shown, .c6, [.openLoopError]), Evidence(.shown, .c6, [.openLoopError], of: .role(.table)),
        Evidence(.shown, .c6, [.openLoopError], of: .role(.pixels)),
        Evidence(.shown, .c6, [.openLoopDifference], of: .role(.table)),
    ]
    public let sampleMeasures = [
        SampleMeasure("open_loop_error", "open-loop error", unit: "median D12", { (row: ErrorSample) in row.key }, { $0.error })
    ]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutUnit }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "a policy at held-out observations with true sequences") {
            $0.condition == .heldout && $0.errorToTruth != nil
        }
        let floor = context.evaluated(.mean, .heldout).flatMap { errors($0, context) }.map { SortedSample($0).quantile(0.5) }
        let baseline = context.evaluated(.subject, .heldout)
        var samples: [ErrorSample] = []
        var summary: [SummaryRow] = []
        for evaluated in rows {
            guard let errors = errors(evaluated, context) else { continue }
            samples += errors.enumerated().map { ErrorSample(key: SampleKey(evaluated, $0), error: $1) }
            let sample = SortedSample(errors)
            summary.append(
                Endpoint.openLoopError.row(
                    evaluated, context.bootstrap(of: evaluated, name).estimate { sample.median(weights: $0) }, floor))
            if let baseline, evaluated.policy != baseline.policy, let difference = difference(evaluated, baseline, context) {
                summary.append(
                    Endpoint.openLoopDifference.row(
                        evaluated, difference.estimate, context.rules.equivalenceMargin, difference.verdict))
            }
        }
        return ProbeResult(tables: [ErrorSample.table(samples)], summary: summary)
    }

    private func errors(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [Double]? {
        evaluated.errorToTruth?.map { Double($0) / context.medianD12 }
    }

    /// Mean over observations of the difference of mean errors, paired.
    private func difference(
        _ own: EvaluatedChunks, _ other: EvaluatedChunks, _ context: ProbeContext
    ) -> (estimate: Estimate, verdict: Verdict)? {
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
        let value = values.reduce(0, +) / Double(values.count)
        let drawn = bootstrap.units > 1 ? bootstrap.replicates { [weightedMean(values, $0)] }.map { $0[0] }.filter(\.isFinite) : []
        guard !drawn.isEmpty else { return (Estimate(value: value), .undecided) }
        let sample = SortedSample(drawn)
        let estimate = Estimate(value: value, low: sample.quantile(0.025), high: sample.quantile(0.975))
        return (
            estimate,
            Self.verdict(estimate, Equivalence(difference: value, replicates: drawn, margin: context.rules.equivalenceMargin))
        )
    }

    private static func verdict(_ difference: Estimate, _ test: Equivalence?) -> Verdict {
        if test?.isEquivalent ?? false { return .equivalent }
        return difference.lies(above: 0) ? .worse : difference.lies(below: 0) ? .better : .undecided
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SummaryRecord.self).filter { $0.endpoint == Endpoint.openLoopError.key }
        let policies = source.policies(PolicyRole.drawn + [.pixels, .expert], in: rows.map(\.policy)).map(\.name)
        guard !policies.isEmpty else { return [] }
        let conditions = rows.distinct(\.condition)
        func points(_ condition: Condition, _ y: (SummaryRecord) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.condition == condition }.points(along: policies, by: \.policy, y: y)
        }
        return [
            Plot(
                name: "p27_error", title: "Error against the demonstrator's sequence", xLabel: "policy",
                yLabel: "error / D12, median", kind: .intervals(categories: source.categories(policies)),
                series: conditions.map { condition in
                    Plot.Series(
                        "training mean, \(condition)", label: "training mean, \(condition.label)", isControl: true, form: .level,
                        points(condition) { Estimate(value: $0.controlValue) })
                } + conditions.map { Plot.Series($0.name, label: $0.label, points($0, \.estimate)) })
        ]
    }
}

extension Endpoint {
    static let openLoopError = Endpoint(
        "p27_error_over_d12", "open-loop error",
        "distance between generated and demonstrator's sequence over the median D12, median over samples",
        unit: "median D12", control: Control("mean"), .raisedByMemory, separatesOracles: true)
    static let openLoopDifference = Endpoint(
        "p27_difference", "difference in open-loop error",
        "mean open-loop error minus that of the policy under study at the same observations",
        unit: "median D12", control: Control("margin"))
}

/// A row of `p27_samples`.
private struct ErrorSample: ProbeTable {
    static let name = "p27_samples"
    var key = SampleKey()
    var error = 0.0

    static var columns: [Column<ErrorSample>] { [Column(\.key), Column("error_over_d12", \.error)] }
}
