import Plots

/// P21: how well each monitor tells altered and foreign observations from held-out ones, and how often it raises the alarm.
struct MonitorFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let detection = try tables.read("probes/p21_detection.csv") else { return [] }
        let conditions = detection.distinct("condition"), monitors = detection.distinct("monitor")
        func row(_ monitor: String, _ column: String, shift: Int = 0) -> [Plot.Point] {
            detection.points(
                detection.rows(where: ["monitor": monitor]), along: "condition", conditions, y: column, low: "\(column)_low",
                high: "\(column)_high"
            ).map { Plot.Point(x: $0.x + Double(shift), y: $0.y, low: $0.low, high: $0.high) }
        }
        let flags = monitors.map { monitor in
            // The false alarms are the same in every row of a monitor: its first column, and the control of the others.
            let floor = row(monitor, "false_alarm").prefix(1).map { Plot.Point(x: 0, y: $0.y, low: $0.low, high: $0.high) }
            return Plot.Series(monitor, floor + row(monitor, "flagged", shift: 1))
        }
        return [
            Plot(
                name: "p21_auroc", title: "AUROC of each monitor with its interval, grey where it holds chance (0.5)",
                xLabel: "condition, against held-out observations", yLabel: "AUROC",
                kind: .matrix(categories: conditions, null: 0.5), series: monitors.map { Plot.Series($0, row($0, "auroc")) }),
            Plot(
                name: "p21_flagged", title: "Share of observations that each monitor flags; heldout: its false alarms",
                xLabel: "condition", yLabel: "share flagged", kind: .matrix(categories: ["heldout"] + conditions, null: nil),
                series: flags),
        ]
    }
}
