import Basics
import Plots

/// P21: which monitor tells held-out observations from out-of-distribution ones, and which warns of failure in closed loop?
///
/// Positive: the observations of one condition other than `train` and `heldout`; negative: those of `heldout`. Monitors
/// (larger is more unusual): those the study scored; `alt_similarity`, minus the lookup table's cosine;
/// `action_variance`, mean distance of successive samples of the policy under study; and per observation space, from the
/// training windows: `knn_*` distance to the 5th nearest, `mahalanobis_*` (`MahalanobisDistance`; spaces of at most 512
/// numbers), `pca_kmeans_*` distance to the nearest of 8 centres among the components that hold 95 % of the variance,
/// at most 16; `pixel_distance` to the nearest window in `pixels`.
///
/// AUROC, AUPR and FPR at 95 % TPR (`DetectionScores`) with intervals: demonstrations of `heldout` and units of the
/// condition resampled independently, the same draws for every monitor. `p21_auroc_all` is the mean over conditions.
/// `ConformalThreshold` on the largest score of each held-out demonstration; `false_alarm` is the share of them flagged
/// by the others' threshold, `flagged` the share of a condition's units whose largest score exceeds that of all.
///
/// Control: AUROC of `pixel_distance` (0.5 where there is none); AUPR of chance is the prevalence, FPR95 of chance
/// 0.95. `p21_alt_advantage`: AUROC of `alt_similarity` minus the best of `pixel_distance`, `knn_*` and
/// `mahalanobis_*` of other spaces than the table's own, asked about the same conditions. Verdict: `beats its rivals` or
/// `beaten by a rival` by the sign of the interval, else `undecided`; other rows are `measured`. Conditions near the
/// task (`shuffled_image`) stay in.
///
/// `p21_detection`: monitor, condition, auroc, aupr, fpr95 with intervals, prevalence, alpha, threshold, false_alarm
/// and flagged with intervals (Wilson on units), seconds per observation (NA where not measured). `p21_scores`: monitor,
/// condition, observation, demonstration, frame, score. `p21_ladder`: see `ShiftLadder`. `p21_episodes`, `p21_failure_*`: see
/// `FailureDetection`; empty without rollouts.
public struct MonitorBench: Probe {
    public let name = "p21"
    public let title = "monitor bench"
    public let needs: Set<Need> = [.spaces, .monitors, .pictures, .monitoredRollouts]
    public let endpoints = [Endpoint.auroc, .pooledAuroc, .falseAlarmShare, .tableAdvantage, .failureAuroc, .failureAdvantage]
    public let evidence = [
        Evidence(.decides, .c8, [.tableAdvantage], of: .all, at: .one(.all)),
        Evidence(.decidesWhereMeasured, .c8, [.failureAuroc], of: .monitor(MonitorScores.tableSimilarity), at: .rollouts(of: .table)),
        Evidence(.shown, .c8, [.failureAdvantage], of: .monitor(MonitorScores.tableSimilarity), at: .rollouts(of: .table)),
        Evidence(
            .shown, .c8, [.failureAuroc, .failureAdvantage], of: .monitor(MonitorScores.tableSimilarity), at: .rollouts(of: .sampler)),
        Evidence(.shown, .c8, [.pooledAuroc], of: .all, at: .one(.all)),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        guard let (heldout, shifted) = MonitoredCondition.all(context) else { throw nothing(context) }
        let panel = try MonitorPanel([heldout] + shifted, context)
        guard !panel.monitors.isEmpty else { throw nothing(context) }
        let bench = DetectionBench(panel, heldout: heldout, shifted: shifted, context)
        let control = bench.cells[MonitorPanel.pixelDistance]
        var detection: [DetectionRow] = []
        var scores: [MonitorScoreRow] = []
        var summary: [SummaryRow] = []
        for monitor in panel.monitors {
            scores += ([heldout] + shifted).flatMap { MonitorScoreRow.all(monitor, $0, context.train.names) }
            let alarms = FalseAlarms(monitor, heldout, context.rules)
            for condition in shifted {
                guard let row = DetectionRow(monitor, condition, heldout, bench, alarms) else { continue }
                detection.append(row)
                summary.append(
                    auroc(
                        .auroc, monitor, condition.condition, row.auroc, control: control?[condition.condition]?.auroc.value,
                        n: row.n, unit: row.unit))
            }
            if let estimate = bench.pooled(monitor.name)?.estimate {
                summary.append(
                    auroc(
                        .pooledAuroc, monitor, .all, estimate,
                        control: bench.pooled(MonitorPanel.pixelDistance)?.estimate.value, n: heldout.units.count,
                        unit: heldout.unit))
            }
            summary.append(
                Endpoint.falseAlarmShare.row(
                    monitor.name, heldout.condition, alarms.share, Estimate(value: alarms.threshold.alpha),
                    n: heldout.units.count, unit: heldout.unit, .measured))
        }
        let rivals = panel.monitors.filter(\.isRival).map(\.name)
        if let advantage = bench.advantage(of: MonitorScores.tableSimilarity, over: rivals) {
            summary.append(advantage.row(.tableAdvantage, .all, n: heldout.units.count, unit: heldout.unit, context.rules))
        }
        let episodes = MonitoredEpisodes.all(context).map { FailureDetection($0, context) }
        return ProbeResult(
            tables: [
                DetectionRow.table(detection), MonitorScoreRow.table(scores),
                ShiftLadder.Rung.table(ShiftLadder(context).rungs), EpisodeMonitorRow.table(episodes.flatMap(\.rows)),
            ], summary: summary + episodes.flatMap(\.summary))
    }

    /// - Parameter control: of the pixel distance; chance where there is none.
    private func auroc(
        _ endpoint: Endpoint, _ monitor: MonitorPanel.Monitor, _ condition: Condition, _ estimate: Estimate,
        control: Double?, n: Int, unit: String
    ) -> SummaryRow {
        endpoint.row(
            monitor.name, condition, estimate, control: control == nil ? .chance : endpoint.control,
            Estimate(value: control ?? 0.5), n: n, unit: unit, .measured)
    }

    private func nothing(_ context: ProbeContext) -> Failure {
        ProbeContext.nothing(
            name, at: "monitors and conditions",
            expected: "observations of heldout and of another condition, and a monitor or an observation space with both",
            found: "conditions \(Set(context.generated.map(\.condition.name)).sorted().joined(separator: ", "))",
            remedy: "add out-of-distribution conditions to the study")
    }

    /// How well each monitor tells altered and foreign observations from held-out ones, and how often it raises the alarm.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(DetectionRow.self)
        guard !rows.isEmpty else { return [] }
        let conditions = rows.distinct(\.condition.name), monitors = rows.distinct(\.monitor)
        let asked = [Condition.heldout.name] + conditions
        func series(_ points: ([DetectionRow]) -> [Plot.Point]) -> [Plot.Series] {
            monitors.map { monitor in Plot.Series(monitor, label: MonitorWords.label(monitor), points(rows.filter { $0.monitor == monitor })) }
        }
        return [
            Plot(
                name: "p21_auroc", title: "AUROC of each monitor; grey where its interval holds chance (0.5)",
                xLabel: "condition, against held-out observations", yLabel: "AUROC",
                kind: .matrix(categories: conditions.map { Plot.Category(Condition($0)) }, null: 0.5, showsNumbers: true),
                series: series { $0.points(along: conditions, by: \.condition.name, y: \.auroc) }),
            Plot(
                name: "p21_flagged", title: "Share of observations that each monitor flags; held-out: its false alarms",
                xLabel: "condition", yLabel: "share flagged", kind: .matrix(categories: asked.map { Plot.Category(Condition($0)) }, null: nil, showsNumbers: true),
                series: series { own in
                    // The false alarms are the same in every row of a monitor: its first column, and the control of the others.
                    own.compactMap { $0.falseAlarm.point(x: 0) }.prefix(1)
                        + own.points(along: asked, by: \.condition.name, y: \.flagged)
                }),
        ] + FailureDetection.figures(try source.rows(EpisodeMonitorRow.self), source)
    }
}

extension Endpoint {
    private static let pixelDistance = Control(MonitorPanel.pixelDistance)
    static let auroc = Endpoint(
        "p21_auroc", "AUROC of a monitor",
        "P(score of an observation of the condition > score of a held-out one) + P(tie) / 2",
        unit: "AUROC", control: pixelDistance)
    static let pooledAuroc = Endpoint(
        "p21_auroc_all", "mean AUROC of a monitor",
        "its AUROC, mean over conditions",
        unit: "AUROC, mean over conditions", control: pixelDistance)
    static let falseAlarmShare = Endpoint(
        "p21_false_alarm_share", "false alarms",
        "share of held-out demonstrations flagged by a conformal threshold on the others",
        unit: "share of demonstrations", control: Control("alpha"))
    /// The control of a row is the best rival.
    static let tableAdvantage = Endpoint(
        "p21_alt_advantage", "AUROC above the best rival",
        "AUROC of ALT's similarity minus the largest of pixel distance, k-th neighbour and Mahalanobis",
        unit: "AUROC, difference", control: pixelDistance, criterion: { _ in .aboveZero })
}

/// A row of `p21_detection`: one monitor under one condition.
private struct DetectionRow: ProbeTable {
    static let name = "p21_detection"
    var monitor = ""
    var condition = Condition("")
    var auroc = Estimate(value: nil), aupr = Estimate(value: nil), fpr95 = Estimate(value: nil)
    var prevalence = 0.0
    var alpha = 0.0, threshold = 0.0
    var falseAlarm = Estimate(value: nil), flagged = Estimate(value: nil)
    var seconds: Double?
    /// Units on the side that has fewer.
    var n = 0
    var unit = ""

    init() {}

    /// Nil where the monitor was not asked under the condition.
    init?(
        _ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition, _ heldout: MonitoredCondition,
        _ bench: DetectionBench, _ alarms: FalseAlarms
    ) {
        guard let cell = bench.cells[monitor.name]?[condition.condition] else { return nil }
        let positives = Double(condition.observation.count)
        self.monitor = monitor.name
        self.condition = condition.condition
        auroc = cell.auroc
        aupr = cell.aupr
        fpr95 = cell.fpr95
        prevalence = positives / (positives + Double(heldout.observation.count))
        alpha = alarms.threshold.alpha
        threshold = alarms.threshold.value
        falseAlarm = alarms.share
        flagged = alarms.flagged(monitor, condition)
        seconds = monitor.conditions[condition.condition]?.seconds
        n = min(condition.units.count, heldout.units.count)
        unit = condition.unit
    }

    static var columns: [Column<DetectionRow>] {
        [
            Column("monitor", \.monitor), Column("condition", \.condition), .bounds("auroc", \.auroc), .bounds("aupr", \.aupr),
            Column("prevalence", \.prevalence), .bounds("fpr95", \.fpr95), Column("alpha", \.alpha),
            Column("threshold", \.threshold), .bounds("false_alarm", \.falseAlarm), .bounds("flagged", \.flagged),
            Column("seconds", \.seconds), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

/// A row of `p21_scores`: what one monitor says of one observation.
private struct MonitorScoreRow: ProbeTable {
    static let name = "p21_scores"
    var monitor = ""
    var condition = Condition("")
    var observation = 0, frame = 0
    var demonstration = NamedDemonstration()
    var score = 0.0

    /// None where the monitor was not asked under the condition.
    static func all(_ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition, _ names: DemonstrationNames) -> [MonitorScoreRow] {
        (monitor.conditions[condition.condition]?.score ?? []).enumerated().map { row, score in
            MonitorScoreRow(
                monitor: monitor.name, condition: condition.condition, observation: condition.observation[row],
                frame: condition.frame[row], demonstration: names[condition.demonstration[row]], score: score)
        }
    }

    static var columns: [Column<MonitorScoreRow>] {
        [
            Column("monitor", \.monitor), Column("condition", \.condition), Column("observation", \.observation),
            .demonstration(\.demonstration), Column("frame", \.frame), Column("score", \.score),
        ]
    }
}
