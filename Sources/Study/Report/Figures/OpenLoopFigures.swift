import Plots

/// P27: the error against the demonstrator.
struct OpenLoopFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let summary = try tables.read("summary.csv") else { return [] }
        let rows = summary.rows(where: ["endpoint": "p27_error_over_d12"])
        let policies = summary.policies(DrawnPolicies.main + ["pixel_nearest", "expert"], in: rows)
        let conditions = summary.distinct("condition", in: rows)
        func own(_ condition: String) -> [[String]] { rows.filter { summary.text("condition", $0) == condition } }
        return [
            Plot(
                name: "p27_error", title: "Error against the demonstrator's sequence", xLabel: "policy",
                yLabel: "error / D12, median", kind: .intervals(categories: policies),
                series: conditions.map { condition in
                    Plot.Series(
                        "training mean, \(condition)", isControl: true, form: .level,
                        summary.points(own(condition), along: "policy", policies, y: "control_value", low: "", high: ""))
                }
                    + conditions.map { condition in
                        Plot.Series(condition, summary.points(own(condition), along: "policy", policies, y: "value"))
                    })
        ]
    }
}
