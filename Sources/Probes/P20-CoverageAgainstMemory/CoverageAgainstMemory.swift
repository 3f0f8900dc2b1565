import Basics
import Plots

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
    public let endpoints = [Endpoint.densityMemory, .meanMemory]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under heldout, with true sequences") {
            $0.condition == .heldout && $0.truthToTrain != nil
        }
        let control = context.heldout.flatMap { CoverageScores($0, context) }
        let scored = rows.compactMap { CoverageScores($0, context) }
        return ProbeResult(
            tables: [
                CoverageSample.table(scored.flatMap(\.samples)), CoverageBin.table(scored.flatMap { $0.bins(control: control) }),
                CoverageCorrelation.table(scored.map { CoverageCorrelation($0, control: control) }),
            ], summary: scored.flatMap { summarise($0, control: control, context) })
    }

    private func summarise(
        _ scores: CoverageScores, control: CoverageScores?, _ context: ProbeContext
    ) -> [SummaryRow] {
        let (evaluated, correlation) = (scores.evaluated, scores[.correlation])
        return [
            Endpoint.densityMemory.row(
                evaluated, correlation, control?[.correlation],
                context.withheld(evaluated) ?? Self.verdict(correlation, control: control?[.correlation].value)),
            Endpoint.meanMemory.row(evaluated, scores[.memory], control?[.memory]),
        ]
    }

    private static func verdict(_ correlation: Estimate, control: Double?) -> Verdict {
        guard correlation.value != nil else { return .undefined }
        if correlation.lies(below: min(0, control ?? 0)) { return .memoryWhereSparse }
        return correlation.lies(above: max(0, control ?? 0)) ? .memoryWhereDense : .undecided
    }

    /// Memory where training data are sparse and where they are dense.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(CoverageBin.self).filter { $0.condition == .heldout }
        guard !rows.isEmpty else { return [] }
        let policies = source.policies(PolicyRole.drawn, in: rows.map(\.policy))
        let quartiles = rows.distinct { "\($0.quartile)" }
        func points(_ policy: PolicyID?, _ y: (CoverageBin) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy?.name }.points(along: quartiles, by: { "\($0.quartile)" }, y: y)
        }
        let floor = points(policies.first) { Estimate(value: $0.heldoutMemory) }
        return [
            Plot(
                name: "p20_density", title: "Memory against the density of training data, held-out observations",
                xLabel: "quartile of density (1: sparsest)", yLabel: "memory, median",
                kind: .intervals(categories: quartiles.map { Plot.Category($0) }),
                series: [Plot.Series("held-out truth", isControl: true, mark: .truth, form: .level, floor)]
                    + policies.map { Plot.Series($0, points($0, \.memory)) }, yRange: -0.02...1.02)
        ]
    }
}

extension Endpoint {
    static let densityMemory = Endpoint(
        "p20_density_memory", "density against memory",
        "Spearman's correlation of density (-ln of the distance from the true sequence to its 5th nearest training demonstration) and memory (1 - d1 / d2)",
        unit: "Spearman's rank correlation", control: .heldout)
    static let meanMemory = Endpoint(
        "p20_memory", "mean memory",
        "mean of 1 - d1 / d2",
        unit: "1 - d1 / d2", control: .heldout, .raisedByMemory, separatesOracles: true)
}
