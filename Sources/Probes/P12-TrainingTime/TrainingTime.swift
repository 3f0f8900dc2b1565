import Basics
import Foundation

/// P12: does memory grow with training time, and when does it begin?
///
/// Policies that the records show as one family with the same seed and demonstrations and at least two numbers of
/// steps, each at held-out observations: fit (P01's ratio), DCR share, C_T and S (P03, P02), d1 over the median D12,
/// generalization gap = median error to truth at held-out over that at training observations. Memorization time grows
/// with the number of windows (Bonnaire et al. 2025, "Why diffusion models don't memorize").
///
/// - Onset: the first number of steps at which the interval of the DCR share lies above 0.5.
/// - Trend: least-squares slope of the DCR share in log2 steps, that is per doubling. Its interval resamples whole
///   demonstrations of Q, the same for all steps. Every training length counts, also where it has not fitted yet: the
///   road there is what is asked.
///
/// Control: the DCR share of true held-out chunks, which no training moves; for the trend its slope, 0.
///
/// Verdict of the DCR shares: P03's, so also `not fitted`. Of the trend: `grows with training` when its interval lies
/// above 0, `fades with training` below, else `undecided`; `fit unknown` when the longest training was not run on
/// training observations, `not fitted` when it has not fitted. The onset is `measured` and has no interval.
///
/// `p12_training`: policy, condition, family, seed, demonstrations, windows, steps, epochs, loss, then fit with
/// interval, fitted, dcr_share with interval, heldout_dcr_share, c_t, c_t_clustered, s_median, ratio_median (d1/d2),
/// d1_over_d12, error_heldout_over_d12, generalization_gap, verdict, n, unit. In `summary.csv` onset and trend carry
/// the family as policy, with seed and demonstrations where it was trained with several.
public struct TrainingTime: Probe {
    public let name = "p12"
    public let title = "memory against training time"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let heldout = try context.requireFloor(name)
        let runs = TrainingRun.all(context, condition: GeneratedChunks.Condition.heldout)
        guard !runs.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "training records",
                expected: "a family with one seed and one number of demonstrations at several numbers of steps",
                remedy: "keep checkpoints of the training and run them")
        }
        var table = Table(
            columns: [
                "policy", "condition", "family", "seed", "demonstrations", "windows", "steps", "epochs", "loss",
            ] + MemoryMeasures.columns)
        var summary: [SummaryRow] = []
        for run in runs {
            let measures = run.evaluated.map { MemoryMeasures($0, heldout: heldout, context) }
            for (record, measure) in zip(run.records, measures) {
                table.append(
                    [
                        .text(measure.policy), .text(measure.condition), .text(record.family), .integer(record.seed),
                        .integer(record.demonstrations), .integer(record.windows), .integer(record.steps),
                        .number(record.epochs), Table.Cell(record.loss),
                    ] + measure.cells(context.rules))
                summary.append(measure.row("p12_dcr_share", context.rules))
            }
            summary += summarise(run, measures, context)
        }
        return ProbeResult(tables: [("p12_training", table)], summary: summary)
    }

    private func summarise(_ run: TrainingRun, _ measures: [MemoryMeasures], _ context: ProbeContext) -> [SummaryRow] {
        let onset = measures.firstIndex { $0.share.lies(above: 0.5) }.map { Double(run.records[$0].steps) }
        let doublings = run.records.map { log2(Double($0.steps)) }
        let shares = ClusterMeans(run.evaluated.map { ($0.closerToTrain, $0.generated.cluster) })
        let trend = shares.estimate(context, stream: context.seed / name / run.name) { means in
            LeastSquares.slope(doublings, means)
        }
        let verdict: Verdict =
            measures.last?.withheld
            ?? (trend.lies(above: 0) ? .growsWithTraining : trend.lies(below: 0) ? .fadesWithTraining : .undecided)
        func row(
            _ endpoint: String, _ estimate: Estimate, control: String, _ value: Double?, _ verdict: Verdict
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: run.name, condition: GeneratedChunks.Condition.heldout, estimate,
                n: shares.clusters.count, unit: measures.first?.unit ?? "demonstration", control: control,
                controlValue: value, verdict: verdict)
        }
        return [
            row(
                "p12_onset", Estimate(value: onset), control: "heldout", measures.first?.heldoutShare, .measured),
            row("p12_trend", trend, control: "heldout", 0, verdict),
        ]
    }
}

/// One training seen at several numbers of steps, ascending.
struct TrainingRun: Sendable {
    let name: String
    let records: [PolicyRecord]
    let evaluated: [EvaluatedChunks]

    /// Every training of the records with at least two numbers of steps that ran under `condition`.
    static func all(_ context: ProbeContext, condition: String) -> [TrainingRun] {
        let ran = context.measurements.records.filter { $0.steps > 0 && context.evaluated($0.policy, condition) != nil }
        var groups: [[PolicyRecord]] = []
        for record in ran {
            if let place = groups.firstIndex(where: { $0[0].isSameData(as: record) && $0[0].seed == record.seed }) {
                groups[place].append(record)
            } else {
                groups.append([record])
            }
        }
        groups = groups.filter { Set($0.map(\.steps)).count > 1 }
        return groups.map { group in
            let records = group.sorted { ($0.steps, $0.policy) < ($1.steps, $1.policy) }
            let family = records[0].family
            let isOnly = groups.count { $0[0].family == family } == 1
            return TrainingRun(
                name: isOnly ? family : "\(family)_s\(records[0].seed)_n\(records[0].demonstrations)",
                records: records, evaluated: records.compactMap { context.evaluated($0.policy, condition) })
        }
    }
}
