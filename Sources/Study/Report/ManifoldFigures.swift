import Foundation
import Plots

/// The figures of P17 from its tables: one for each network and setting.
struct ManifoldFigures {
    let points: RunTables.Rows
    let cells: RunTables.Rows
    /// By the name in the column `kind`; ways from noise lie under everything.
    private static let layers = [
        PointPanels.Layer("flow", .lines(width: 0.7), colour: "#c3dff0"),
        PointPanels.Layer("training", .points(size: 0.42), colour: "#3a3a3a"),
        PointPanels.Layer("sample", .points(size: 0.26), colour: "#E8710A"),
    ]

    func all() -> [PointPanels] {
        let policies = points.distinct("policy"), rows = cells.rows()
        return policies.flatMap { policy in
            cells.distinct("settings").compactMap { settings in figure(policy, settings, rows) }
        }
    }

    private func figure(_ policy: String, _ settings: String, _ all: [[String]]) -> PointPanels? {
        let rows = all.filter { cells.text("policy", $0) == policy && cells.text("settings", $0) == settings }
        guard let first = rows.first else { return nil }
        let drawn = Dictionary(grouping: points.rows(where: ["policy": policy])) { points.text("condition", $0) }
        let panels = rows.map { row in
            panel(row, points: drawn[cells.text("condition", row)] ?? [])
        }
        let parameters = cells.number("parameters", first).map { Int($0) } ?? 0
        let what = parameters > 0 ? "\(policy) network, \(parameters) parameters" : "exact denoiser"
        return PointPanels(
            name: "p17_\(policy)_\(settings)",
            title: """
                \(what), \(settings) settings
                dark: training points (at most 200), orange: as many samples, blue: ways from noise to a sample
                above each panel: n training points, verdict, f_mem(1/3) (null 0.33), median distance d to the curve
                """,
            layers: Self.layers, panels: panels, columnCount: cells.distinct("points", in: rows).count, limit: 1.7)
    }

    private func panel(_ row: [String], points drawn: [[String]]) -> PointPanels.Panel {
        func number(_ column: String) -> String {
            cells.number(column, row).map { String(format: "%.2g", $0) } ?? "NA"
        }
        var shown = [[SIMD2<Double>]](repeating: [], count: Self.layers.count)
        var line = ""
        for row in drawn {
            guard let layer = Self.layers.firstIndex(where: { $0.name == points.text("kind", row) }),
                let x = points.number("x", row), let y = points.number("y", row)
            else { continue }
            // A way ends where the next one begins.
            if layer == 0, points.text("line", row) != line {
                line = points.text("line", row)
                if !shown[layer].isEmpty { shown[layer].append([.nan, .nan]) }
            }
            shown[layer].append([x, y])
        }
        let count = cells.text("points", row)
        return PointPanels.Panel(
            row: cells.text("shape", row), column: count,
            caption: "n = \(count): \(cells.text("verdict", row)), \(number("f_mem_one_third")), d \(number("distance_median"))",
            points: shown)
    }
}

extension RunTables {
    /// None where P17 did not run.
    func manifoldFigures() throws -> [PointPanels] {
        guard let points = try read("probes/p17_points.csv"), let cells = try read("probes/p17_cells.csv") else { return [] }
        return ManifoldFigures(points: points, cells: cells).all()
    }
}
