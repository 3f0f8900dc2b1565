import Basics

/// What a conformal threshold on one monitor does at held-out demonstrations.
struct FalseAlarms: Sendable {
    let threshold: ConformalThreshold
    /// Share of held-out demonstrations flagged by the threshold of the others.
    let share: Estimate

    init(_ monitor: MonitorPanel.Monitor, _ heldout: MonitoredCondition) {
        let largest = Self.largest(monitor, heldout)
        threshold = ConformalThreshold(largest)
        share =
            ConformalThreshold.leaveOneOut(largest).map { Wilson.estimate(share: $0, count: largest.count) }
            ?? Estimate(value: nil)
    }

    /// The largest score of each unit.
    static func largest(_ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition) -> [Double] {
        let score = monitor.conditions[condition.name]?.score ?? []
        return condition.units.compactMap { rows in rows.map { score[$0] }.max() }
    }

    /// Share of a condition's units whose largest score exceeds the threshold of all held-out demonstrations.
    func flagged(_ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition) -> Estimate {
        let largest = Self.largest(monitor, condition)
        let share = Double(largest.count { threshold.flags($0) }) / Double(largest.count)
        return Wilson.estimate(share: share, count: largest.count)
    }

    func summary(_ monitor: String, _ heldout: MonitoredCondition) -> SummaryRow {
        SummaryRow(
            "p21_false_alarm_share", policy: monitor, condition: heldout.name, share, n: heldout.units.count,
            unit: heldout.unit, control: "alpha", controlValue: threshold.alpha, verdict: .measured)
    }
}

/// One monitor under one condition: a row of `p21_detection`.
struct MonitorRow: Sendable {
    let monitor: String
    let condition: MonitoredCondition
    let cell: DetectionBench.Cell
    let prevalence: Double
    let alarms: FalseAlarms
    let flagged: Estimate
    let seconds: Double?
    /// Units on the side that has fewer.
    let units: Int

    init?(
        _ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition, _ heldout: MonitoredCondition,
        _ bench: DetectionBench, _ alarms: FalseAlarms
    ) {
        guard let cell = bench.cells[monitor.name]?[condition.name] else { return nil }
        let positives = Double(condition.observation.count)
        self.monitor = monitor.name
        self.condition = condition
        self.cell = cell
        prevalence = positives / (positives + Double(heldout.observation.count))
        self.alarms = alarms
        flagged = alarms.flagged(monitor, condition)
        seconds = monitor.conditions[condition.name]?.seconds
        units = min(condition.units.count, heldout.units.count)
    }

    static let columns = [
        "monitor", "condition", "auroc", "auroc_low", "auroc_high", "aupr", "aupr_low", "aupr_high", "prevalence", "fpr95",
        "fpr95_low", "fpr95_high", "alpha", "threshold", "false_alarm", "false_alarm_low", "false_alarm_high", "flagged",
        "flagged_low", "flagged_high", "seconds", "n", "unit",
    ]

    /// Under `columns`.
    var cells: [Table.Cell] {
        func triple(_ estimate: Estimate) -> [Table.Cell] {
            [Table.Cell(estimate.value), Table.Cell(estimate.low), Table.Cell(estimate.high)]
        }
        let detection = triple(cell.auroc) + triple(cell.aupr) + [.number(prevalence)] + triple(cell.fpr95)
        let conformal: [Table.Cell] = [.number(alarms.threshold.alpha), .number(alarms.threshold.value)]
        return [.text(monitor), .text(condition.name)] + detection + conformal + triple(alarms.share) + triple(flagged)
            + [Table.Cell(seconds), .integer(units), .text(condition.unit)]
    }

    func summary(control: Double?) -> SummaryRow {
        SummaryRow(
            "p21_auroc", policy: monitor, condition: condition.name, cell.auroc, n: units, unit: condition.unit,
            control: control == nil ? "chance" : MonitorBench.control, controlValue: control ?? 0.5, verdict: .measured)
    }
}
