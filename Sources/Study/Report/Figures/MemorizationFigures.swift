import Plots

/// P03: the share of sequences below a ratio, against the ratio.
struct MemorizationFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let curve = try tables.read("probes/p03_curve.csv") else { return [] }
        let rows = curve.rows(where: ["condition": "heldout"]), policies = curve.policies(DrawnPolicies.main, in: rows)
        func line(_ policy: String, y: String, low: String = "", high: String = "") -> [Plot.Point] {
            curve.points(rows.filter { curve.text("policy", $0) == policy }, at: "c", y: y, low: low, high: high)
        }
        var series = policies.map {
            Plot.Series(
                $0, isControl: DrawnPolicies.controls.contains($0), line($0, y: "f_mem", low: "ci_low", high: "ci_high"))
        }
        if let first = policies.first {
            series.append(
                Plot.Series(
                    "held-out truth", isControl: true, line(first, y: "heldout", low: "heldout_low", high: "heldout_high")))
            series.append(Plot.Series("null c^k", isControl: true, line(first, y: "null")))
        }
        return [
            Plot(
                name: "p03_f_mem", title: "Share of sequences with d1 / d2 below c, held-out observations", xLabel: "c",
                yLabel: "f_mem(c)", kind: .curves, series: series, yRange: 0...1)
        ]
    }
}
