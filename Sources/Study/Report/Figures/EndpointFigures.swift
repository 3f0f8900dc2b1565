import Plots

/// P02 and P03: one figure an endpoint; conditions along x, a series a policy, the held-out floor in grey.
struct EndpointFigures: RunFigures {
    private static let wanted: [(endpoint: String, title: String, unit: String, null: Plot.Reference?)] = [
        ("p02_d1_median", "Distance to the nearest training sequence", "d1, median (training standard deviations)", nil),
        ("p02_ratio_median", "Nearest over second-nearest demonstration", "d1 / d2, median", nil),
        ("p02_s_median", "The published score", "S, median (cut at -2)", nil),
        (
            "p03_dcr_share", "Nearer to training than to reference demonstrations", "share of sequences (DCR share)",
            Plot.Reference("null", 0.5)
        ),
    ]

    /// S falls without bound when the two nearest demonstrations are equally far; those values would flatten the rest.
    static let scoreRange = -2.0...1.1

    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let summary = try tables.read("summary.csv") else { return [] }
        let controls = try tables.read("probes/p02_controls.csv")
        return Self.wanted.compactMap { endpoint, title, unit, null in
            let rows = summary.rows(where: ["endpoint": endpoint])
            let policies = summary.policies(DrawnPolicies.main, in: rows)
            let categories = summary.distinct("condition", in: rows.filter { policies.contains(summary.text("policy", $0)) })
            var series = summary.series(policies, in: rows, along: "condition", categories, y: "value")
            guard !series.isEmpty else { return nil }
            if let row = rows.first(where: { summary.text("control", $0) == "heldout" }),
                let floor = summary.number("control_value", row)
            {
                // Its interval is known for the distance alone.
                let row = endpoint == "p02_d1_median" ? controls?.rows(where: ["control": "heldout"]).first : nil
                let low = row.flatMap { controls?.number("ci_low", $0) },
                    high = row.flatMap { controls?.number("ci_high", $0) }
                series.append(
                    Plot.Series(
                        "held-out truth", isControl: true, form: .level,
                        categories.indices.map { Plot.Point(x: Double($0), y: floor, low: low, high: high) }))
            }
            return Plot(
                name: endpoint, title: title, xLabel: "condition", yLabel: unit, kind: .intervals(categories: categories),
                series: series, references: null.map { [$0] } ?? [], yRange: Self.range(endpoint))
        }
    }

    private static func range(_ endpoint: String) -> ClosedRange<Double>? {
        switch endpoint {
        case "p02_s_median": return scoreRange
        case "p03_dcr_share": return -0.02...1.02
        default: return nil
        }
    }
}
