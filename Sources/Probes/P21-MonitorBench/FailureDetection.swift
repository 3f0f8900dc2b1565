import Basics
import Plots

/// Does a monitor warn, in closed loop, when the policy is about to fail?
///
/// Followed are the rollouts of the lookup table and of the policy under study by its fast sampler, as the task is. Every
/// monitor that can score one observation scores each query: those of `MonitorBench` but `action_variance`; `ddpm_loss` at the
/// sequence carried out; `temporal_consistency` with the sequence before (0 at the first query, which contradicts none).
/// `elapsed_steps`, the control step itself, is a time-out.
///
/// `p21_failure_auroc`: AUROC of failure against success of the largest score among queries up to a common step, over the
/// episodes under way there (`MonitoredEpisodes.commonStep`, `underWay`: `elapsed_steps` has 0.5), with AUPR and FPR at 95 % TPR;
/// intervals over starts, the same draws for every monitor; none with fewer than two failures or successes. Control: chance.
/// `p21_failure_advantage`: as `p21_alt_advantage`, over rivals that see no more than a policy: not those in the true state.
///
/// `ConformalThreshold` on the largest score of each successful episode from the reference starts, over the whole episode; alpha
/// is no smaller than 1 / (n + 1). `p21_episodes`: policy, monitor, successes and failures among the compared episodes,
/// successes among the reference episodes, common_step, successes under way there, AUROC, AUPR and FPR95 with intervals, alpha,
/// threshold, `false_alarm` and `detected` (shares of successes and of failures flagged at any query, Wilson), `detection_step`
/// (median over failures of the first flag; NA where half of them have none), `before_time_out` (share of failures flagged before
/// `elapsed_steps` flags them).
struct FailureDetection: Sendable {
    let rows: [EpisodeMonitorRow]
    let summary: [SummaryRow]

    init(_ episodes: MonitoredEpisodes, _ context: ProbeContext) {
        let cells = Self.cells(episodes, context), condition = Condition.rollouts(of: episodes.policy)
        let n = episodes.underWay.count, unit = "start"
        let thresholds = episodes.referenceSuccesses.isEmpty ? [] : episodes.monitors.map { monitor in
            ConformalThreshold(episodes.referenceSuccesses.map { $0.largest(monitor) }, context.rules)
        }
        let timeOut = episodes.monitors.firstIndex(of: EpisodeMonitorRecord.elapsedSteps).flatMap { place in
            thresholds.isEmpty ? nil : thresholds[place]
        }
        rows = episodes.monitors.indices.map { place in
            var row = EpisodeMonitorRow(episodes, episodes.monitors[place], cells[place])
            if let timeOut { row.add(thresholds[place], timeOut: timeOut, episodes) }
            return row
        }
        // What could not be measured is no evidence, and stands in the table alone.
        var summary = rows.filter { $0.auroc.value != nil }.map { row in
            Endpoint.failureAuroc.row(row.monitor, condition, row.auroc, Estimate(value: 0.5), n: n, unit: unit, .measured)
        }
        let areas = Dictionary(uniqueKeysWithValues: zip(episodes.monitors, cells.map(\.area)))
        let rivals = context.measurements.spaces.map(\.space).filter { $0 != .trueState }.flatMap(FeatureMonitors.rivals)
            .distinct { $0 }.compactMap { name in areas[name].map { (name, $0) } }
        if let advantage = areas[MonitorScores.tableSimilarity].flatMap({ Advantage(of: $0, over: rivals) }) {
            summary.append(advantage.row(.failureAdvantage, condition, n: n, unit: unit, context.rules))
        }
        self.summary = summary
    }

    /// By monitor.
    private static func cells(_ episodes: MonitoredEpisodes, _ context: ProbeContext) -> [DetectionBench.Cell] {
        let all = episodes.underWay
        let failed = all.indices.filter { !all[$0].isSuccess }, succeeded = all.indices.filter { all[$0].isSuccess }
        guard let step = episodes.commonStep, failed.count > 1, succeeded.count > 1 else {
            return episodes.monitors.map { _ in .missing }
        }
        let rankings = episodes.monitors.map { monitor in
            DetectionRanking(
                positive: failed.map { all[$0].largest(monitor, until: step) },
                negative: succeeded.map { all[$0].largest(monitor, until: step) })
        }
        let bootstrap = context.bootstrap(units: all.count, seed: context.seed / "p21" / "episodes" / episodes.policy)
        return DetectionBench.cells(
            rankings, positives: failed.count, negatives: succeeded.count, draws: context.resamples, context.pool
        ) { replicate in
            let weights = bootstrap.weights(replicate: replicate)
            return (failed.map { weights[$0] }, succeeded.map { weights[$0] })
        }
    }

    /// How well each monitor foretells failure, and when.
    static func figures(_ rows: [EpisodeMonitorRow], _ source: any FigureSource) -> [any Figure] {
        guard !rows.isEmpty else { return [] }
        let monitors = rows.distinct(\.monitor), kind = Plot.Kind.intervals(categories: monitors.map { Plot.Category($0, MonitorWords.label($0)) })
        func series(_ value: (EpisodeMonitorRow) -> Estimate) -> [Plot.Series] {
            source.policies.filter { policy in rows.contains { $0.policy == policy.name } }.map { policy in
                Plot.Series(policy, rows.filter { $0.policy == policy.name }.points(along: monitors, by: \.monitor, y: value))
            }
        }
        return [
            Plot(
                name: "p21_failure", title: "AUROC of failure against success, while most successes are under way", xLabel: "monitor",
                yLabel: "AUROC", kind: kind, series: series(\.auroc), references: [Plot.Reference("chance", 0.5)], yRange: 0...1),
            Plot(
                name: "p21_detection_time", title: "Median step at which failures are flagged, where half of them are",
                xLabel: "monitor", yLabel: "control step", kind: kind, series: series { Estimate(value: $0.detectionStep) }),
        ]
    }
}

extension Endpoint {
    static let failureAuroc = Endpoint(
        "p21_failure_auroc", "AUROC of failure",
        "P(largest score along a failing episode > along a succeeding one) + P(tie) / 2, up to a step that all share",
        unit: "AUROC", control: .chance, criterion: { _ in .above(0.5) })
    /// The control of a row is the best rival.
    static let failureAdvantage = Endpoint(
        "p21_failure_advantage", "AUROC of failure above the best rival",
        "that of ALT's similarity minus the largest of its rivals'",
        unit: "AUROC, difference", control: Control(MonitorPanel.pixelDistance),
        criterion: { _ in .aboveZero })
}

/// A row of `p21_episodes`: one monitor along the episodes of one policy.
struct EpisodeMonitorRow: ProbeTable {
    static let name = "p21_episodes"
    var policy = "", monitor = ""
    var successes = 0, failures = 0, referenceSuccesses = 0
    var commonStep: Double?
    var successesUnderWay = 0
    var auroc = Estimate(value: nil), aupr = Estimate(value: nil), fpr95 = Estimate(value: nil)
    var alpha: Double?, threshold: Double?
    var falseAlarm = Estimate(value: nil), detected = Estimate(value: nil)
    var detectionStep: Double?
    var beforeTimeOut = Estimate(value: nil)

    init() {}

    init(_ episodes: MonitoredEpisodes, _ monitor: String, _ cell: DetectionBench.Cell) {
        policy = episodes.policy.name
        self.monitor = monitor
        (successes, failures) = (episodes.successes.count, episodes.failures.count)
        referenceSuccesses = episodes.referenceSuccesses.count
        commonStep = episodes.commonStep
        successesUnderWay = episodes.underWay.count { $0.isSuccess }
        (auroc, aupr, fpr95) = (cell.auroc, cell.aupr, cell.fpr95)
    }

    /// What the threshold does on the compared starts.
    mutating func add(_ threshold: ConformalThreshold, timeOut: ConformalThreshold, _ episodes: MonitoredEpisodes) {
        func share(_ flagged: [Bool]) -> Estimate {
            Wilson.estimate(share: flagged.isEmpty ? 0 : Double(flagged.count { $0 }) / Double(flagged.count), count: flagged.count)
        }
        let failures = episodes.failures, flags = failures.map { $0.firstFlag(monitor, threshold) }
        alpha = threshold.alpha
        self.threshold = threshold.value
        falseAlarm = share(episodes.successes.map { $0.firstFlag(monitor, threshold) != nil })
        detected = share(flags.map { $0 != nil })
        // One that is never flagged counts as flagged after all others.
        let median = SortedSample(flags.map { $0.map(Double.init) ?? .infinity }).median(weights: flags.map { _ in 1 })
        detectionStep = median.isFinite ? median : nil
        let timeOuts = failures.map { $0.firstFlag(EpisodeMonitorRecord.elapsedSteps, timeOut) ?? .max }
        beforeTimeOut = share(zip(flags, timeOuts).map { ($0 ?? .max) < $1 })
    }

    static var columns: [Column<EpisodeMonitorRow>] {
        [
            Column("policy", \.policy), Column("monitor", \.monitor), Column("successes", \.successes), Column("failures", \.failures),
            Column("reference_successes", \.referenceSuccesses), Column("common_step", \.commonStep),
            Column("successes_under_way", \.successesUnderWay), .bounds("auroc", \.auroc), .bounds("aupr", \.aupr),
            .bounds("fpr95", \.fpr95), Column("alpha", \.alpha), Column("threshold", \.threshold),
            .bounds("false_alarm", \.falseAlarm), .bounds("detected", \.detected), Column("detection_step", \.detectionStep),
            .bounds("before_time_out", \.beforeTimeOut),
        ]
    }
}
