import Basics
import Foundation
import Plots

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
/// - Loss: the mean denoising loss of the weights that sample, at the true sequences of training and of held-out (query)
///   observations, all noise levels alike, where the study measured it (`DenoisingLoss`). The loss at held-out observations can
///   rise while sequences still generalise (Kaiser and Kollmann 2026), so that its minimum is no onset of memory.
///
/// Control: the DCR share of true held-out chunks, which no training moves; for the trend its slope, 0.
///
/// Verdict of the DCR shares: P03's, so also `not fitted`. Of the trend: `grows with training` when its interval lies
/// above 0, `fades with training` below, else `undecided`; `fit unknown` when the longest training was not run on
/// training observations, `not fitted` when it has not fitted. The onset is `measured` and has no interval.
///
/// `p12_training`: policy, condition, family, seed, demonstrations, windows, steps, epochs, loss (as it was trained),
/// training_loss and validation_loss with intervals, then fit with
/// interval, fitted, dcr_share with interval, heldout_dcr_share, c_t, c_t_clustered, s_median, ratio_median (d1/d2),
/// d1_over_d12, error_heldout_over_d12, generalization_gap, verdict, n, n_unit. In `summary.csv` onset and trend carry
/// the family as policy, with seed and demonstrations where it was trained with several.
public struct TrainingTime: Probe {
    public let name = "p12"
    public let title = "memory against training time"
    public let needs: Set<Need> = [.checkpoints]
    public let endpoints = [Endpoint.trainingShare, .trainingOnset, .trainingTrend]
    public let evidence = [Evidence(.background, .c1, [.trainingTrend], of: .family(.subject))]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let heldout = try context.requireFloor(name)
        let runs = TrainingRun.all(context, condition: .heldout)
        guard !runs.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "training records",
                expected: "a family with one seed and one number of demonstrations at several numbers of steps",
                remedy: "keep checkpoints of the training and run them")
        }
        var table: [TrainingRow] = []
        var summary: [SummaryRow] = []
        for run in runs {
            let measures = run.evaluated.map { MemoryMeasures($0, heldout: heldout, context) }
            for (record, measure) in zip(run.records, measures) {
                table.append(TrainingRow(record, measure, context))
                summary.append(measure.row(.trainingShare))
            }
            summary += summarise(run, measures, context)
        }
        return ProbeResult(tables: [TrainingRow.table(table)], summary: summary)
    }

    private func summarise(_ run: TrainingRun, _ measures: [MemoryMeasures], _ context: ProbeContext) -> [SummaryRow] {
        let onset = measures.firstIndex { $0.share.lies(above: 0.5) }.map { Double(run.records[$0].steps) }
        let doublings = run.records.map { log2(Double($0.steps)) }
        let shares = ClusterMeans(run.evaluated.map { ($0.closerToTrain, $0.generated.cluster) })
        let trend = context.bootstrap(
            units: shares.clusters.count, seed: context.seed / name / run.name / "bootstrap"
        ).estimate { LeastSquares.slope(doublings, shares.means(weights: $0)) }
        let verdict: Verdict =
            measures.last?.withheld
            ?? (trend.lies(above: 0) ? .growsWithTraining : trend.lies(below: 0) ? .fadesWithTraining : .undecided)
        func row(_ endpoint: Endpoint, _ estimate: Estimate, _ control: Double?, _ verdict: Verdict) -> SummaryRow {
            endpoint.row(
                run.name, .heldout, estimate, Estimate(value: control), n: shares.clusters.count,
                unit: measures.first?.evaluated.generated.unit ?? "demonstration", verdict)
        }
        return [
            row(.trainingOnset, Estimate(value: onset), measures.first?.heldoutShare, .measured),
            row(.trainingTrend, trend, 0, verdict),
        ]
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(TrainingRow.self).filter { $0.condition == .heldout }
        guard !rows.isEmpty else { return [] }
        let runs = rows.distinct(\.run), fit = source.rules.fit
        func line(_ run: TrainingRow.Run, _ y: (TrainingRow) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.run == run }.points(x: { Double($0.steps) }, y: y).sorted { $0.x < $1.x }
        }
        let floor = runs.prefix(1).map {
            Plot.Series("held-out truth", isControl: true, mark: .truth, line($0) { Estimate(value: $0.memory.heldoutShare) })
        }
        let named = runs.map { Named(run: $0, among: runs, source.policies) }
        let fits = named.map { $0.series(line($0.run, \.memory.fit)) }
        // The bound is part of the figure even where all fits are far from it. A fit of 0 has no place on this axis.
        let values = (fits.flatMap(\.points).flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } + [fit]).filter { $0 > 0 }
        let range = (values.min() ?? fit) * 0.8...(values.max() ?? fit) * 1.25
        return [
            Plot(
                name: "p12_dcr_share", title: "Memory against the length of the training", xLabel: "training steps",
                yLabel: "share of sequences nearer to training (DCR share)", kind: .curves,
                series: floor + named.map { $0.series(line($0.run, \.memory.share)) },
                references: [Plot.Reference("no memory", 0.5)], isLogarithmicX: true, yRange: 0...1.02),
            Plot(
                name: "p12_fit", title: "Fit against the length of the training", xLabel: "training steps",
                yLabel: "error at training windows / D12", kind: .curves, series: fits,
                references: [Plot.Reference("fitted below", fit)], isLogarithmicX: true, isLogarithmicY: true,
                yRange: range),
        ] + losses(named, line)
    }

    /// A training as figures show it: the only one of its family looks like the family's policy.
    private struct Named {
        let run: TrainingRow.Run
        private let policy: PolicyID?

        init(run: TrainingRow.Run, among runs: [TrainingRow.Run], _ policies: [PolicyID]) {
            self.run = run
            policy = runs.count { $0.family == run.family } == 1 ? policies.first { $0.name == run.family } : nil
        }

        func series(_ points: [Plot.Point], _ what: String = "", isControl: Bool = false) -> Plot.Series {
            let mark = policy?.role.mark
            return Plot.Series(
                run.label + what, label: (policy?.label ?? run.label) + what, isControl: isControl,
                mark: mark.map { isControl ? Plot.Mark($0.colour, point: 6, dash: 2) : $0 }, points)
        }
    }

    private func losses(
        _ runs: [Named], _ line: (TrainingRow.Run, (TrainingRow) -> Estimate) -> [Plot.Point]
    ) -> [Plot] {
        let series = runs.flatMap { named in
            [
                named.series(line(named.run, \.validationLoss), ", held-out windows"),
                named.series(line(named.run, \.trainingLoss), ", training windows", isControl: true),
            ]
        }.filter { !$0.points.isEmpty }
        guard !series.isEmpty else { return [] }
        return [
            Plot(
                name: "p12_loss", title: "Denoising loss against the length of the training", xLabel: "training steps",
                yLabel: "mean squared error", kind: .curves, series: series, isLogarithmicX: true)
        ]
    }
}

extension Endpoint {
    static let trainingShare = Endpoint(
        "p12_dcr_share", "DCR share after n steps",
        "the DCR share of a checkpoint",
        unit: "share of sequences", control: .heldout, .raisedByMemory)
    static let trainingOnset = Endpoint(
        "p12_onset", "onset of memory",
        "first number of steps at which the interval of the DCR share lies above 0.5",
        unit: "training steps", control: .heldout)
    static let trainingTrend = Endpoint(
        "p12_trend", "trend with training",
        "least-squares slope of the DCR share in log2 of the steps",
        unit: "share per doubling of steps", control: .heldout)
}

/// A row of `p12_training`.
struct TrainingRow: ProbeTable {
    /// One training, seen at several numbers of steps.
    struct Run: Hashable {
        let family: String
        let seed: Int
        var label: String { "\(family), seed \(seed)" }
    }

    static let name = "p12_training"
    var policy = ""
    var condition = Condition("")
    var family = ""
    var seed = 0, demonstrations = 0, windows = 0, steps = 0
    var epochs: Double?
    /// As it was trained: augmented, and of the weights before averaging.
    var loss: Double?
    var trainingLoss = Estimate(value: nil), validationLoss = Estimate(value: nil)
    var memory = MemoryColumns()

    init() {}

    init(_ record: PolicyRecord, _ measures: MemoryMeasures, _ context: ProbeContext) {
        trainingLoss = DenoisingLoss.mean(measures.evaluated.policy, .train, context)
        validationLoss = DenoisingLoss.mean(measures.evaluated.policy, .heldout, context)
        policy = measures.evaluated.policy.name
        condition = measures.evaluated.condition
        family = record.family
        seed = record.seed
        demonstrations = record.demonstrations
        windows = record.windows
        steps = record.steps
        epochs = record.epochs
        loss = record.loss
        memory = measures.columns
    }

    var run: Run { Run(family: family, seed: seed) }

    static var columns: [Column<TrainingRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("family", \.family), Column("training_seed", \.seed),
            Column("demonstrations", \.demonstrations), Column("windows", \.windows), Column("steps", \.steps),
            Column("epochs", \.epochs), Column("loss", \.loss), .bounds("training_loss", \.trainingLoss),
            .bounds("validation_loss", \.validationLoss), Column(\.memory),
        ]
    }
}

/// One training seen at several numbers of steps, ascending.
struct TrainingRun: Sendable {
    let name: String
    let records: [PolicyRecord]
    let evaluated: [EvaluatedChunks]

    /// Every training of the records with at least two numbers of steps that ran under `condition`.
    static func all(_ context: ProbeContext, condition: Condition) -> [TrainingRun] {
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
            let records = group.sorted { ($0.steps, $0.policy.name) < ($1.steps, $1.policy.name) }
            let family = records[0].family
            let isOnly = groups.count { $0[0].family == family } == 1
            return TrainingRun(
                name: isOnly ? family : "\(family)_s\(records[0].seed)_n\(records[0].demonstrations)",
                records: records, evaluated: records.compactMap { context.evaluated($0.policy, condition) })
        }
    }
}
