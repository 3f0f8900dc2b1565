import Basics

/// P21: which monitor tells held-out observations from out-of-distribution ones?
///
/// Positive: the observations of one condition other than `train` and `heldout`; negative: those of `heldout`. Monitors
/// (larger is more unusual): those the study scored; `alt_similarity`, minus the lookup table's cosine;
/// `action_variance`, mean distance of successive samples of `diffusion_ddpm`; and per observation space, from the
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
/// `mahalanobis_*` of other spaces than the table's own, asked about the same conditions. Verdict: `beats its rivals` or `beaten by a rival` by the sign of
/// the interval, else `undecided`; other rows are `measured`. Conditions near the task (`shuffled_image`) stay in.
///
/// `p21_detection`: monitor, condition, auroc, aupr, fpr95 with intervals, prevalence, alpha, threshold, false_alarm
/// and flagged with intervals (Wilson on units), seconds per observation (NA where not measured). `p21_scores`: monitor,
/// condition, observation, demonstration, frame, score. `p21_ladder`: see `ShiftLadder`.
public struct MonitorBench: Probe {
    public let name = "p21"
    public let title = "monitor bench"

    static let control = "pixel_distance"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        guard let (heldout, shifted) = MonitoredCondition.all(context) else { throw nothing(context) }
        let panel = try MonitorPanel([heldout] + shifted, context)
        guard !panel.monitors.isEmpty else { throw nothing(context) }
        let bench = DetectionBench(panel, heldout: heldout, shifted: shifted, context)
        var detection = Table(columns: MonitorRow.columns)
        var scores = Table(columns: ["monitor", "condition", "observation", "demonstration", "frame", "score"])
        var summary: [SummaryRow] = []
        for monitor in panel.monitors {
            for condition in [heldout] + shifted {
                guard let scored = monitor.conditions[condition.name] else { continue }
                for (row, score) in scored.score.enumerated() {
                    scores.append([
                        .text(monitor.name), .text(condition.name), .integer(condition.observation[row]),
                        .integer(condition.demonstration[row]), .integer(condition.frame[row]), .number(score),
                    ])
                }
            }
            let alarms = FalseAlarms(monitor, heldout)
            for condition in shifted {
                guard let row = MonitorRow(monitor, condition, heldout, bench, alarms) else { continue }
                detection.append(row.cells)
                summary.append(row.summary(control: bench.cells[Self.control]?[condition.name]?.auroc.value))
            }
            if let estimate = bench.pooled(monitor.name)?.estimate {
                let control = bench.pooled(Self.control)?.estimate.value
                summary.append(
                    SummaryRow(
                        "p21_auroc_all", policy: monitor.name, condition: "all", estimate, n: heldout.units.count,
                        unit: heldout.unit, control: control == nil ? "chance" : Self.control,
                        controlValue: control ?? 0.5, verdict: .measured))
            }
            summary.append(alarms.summary(monitor.name, heldout))
        }
        if let row = advantage(panel, bench, heldout) { summary.append(row) }
        return ProbeResult(
            tables: [
                ("p21_detection", detection), ("p21_scores", scores), ("p21_ladder", ShiftLadder(context).table),
            ], summary: summary)
    }

    private func advantage(
        _ panel: MonitorPanel, _ bench: DetectionBench, _ heldout: MonitoredCondition
    ) -> SummaryRow? {
        // The table's own encoding is no rival: a k-th neighbour there is the table itself.
        let rivals = panel.monitors.map(\.name).filter {
            $0 == Self.control || (($0.hasPrefix("knn_") || $0.hasPrefix("mahalanobis_")) && !$0.hasSuffix("_alt_encoder"))
        }
        guard let (estimate, best, rival) = bench.advantage(of: "alt_similarity", over: rivals) else { return nil }
        let verdict: Verdict = estimate.lies(above: 0) ? .beatsRivals : estimate.lies(below: 0) ? .beaten : .undecided
        return SummaryRow(
            "p21_alt_advantage", policy: "alt_similarity", condition: "all", estimate, n: heldout.units.count,
            unit: heldout.unit, control: rival, controlValue: best, verdict: verdict)
    }

    private func nothing(_ context: ProbeContext) -> Failure {
        Failure(
            .data, "probe \(name) has nothing to measure", at: "monitors and conditions",
            expected: "observations of heldout and of another condition, and a monitor or an observation space with both",
            found: "conditions \(Set(context.generated.map(\.condition)).sorted().joined(separator: ", "))",
            remedy: "add out-of-distribution conditions to the study, or leave \(name) out of the list of probes")
    }
}
