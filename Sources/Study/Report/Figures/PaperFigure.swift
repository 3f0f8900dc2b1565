import Plots

/// The published figure, with its missing control: bars of the score S and a line of the distance to the nearest training
/// sequence, condition after condition, over the values of held-out true sequences.
struct PaperFigure: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let summary = try tables.read("summary.csv") else { return [] }
        let scores = summary.rows(where: ["endpoint": "p02_s_median"]),
            distances = summary.rows(where: ["endpoint": "p02_d1_median"])
        let policies = summary.policies(["diffusion_ddpm", "alt"], in: scores)
        let conditions = summary.distinct("condition", in: scores.filter { policies.contains(summary.text("policy", $0)) })
        var series: [Plot.Series] = []
        if let row = scores.first(where: { summary.text("control", $0) == "heldout" }) {
            // The interval is that of true sequences at the observations asked: the generalizer's, which answers with them.
            let truth = scores.first {
                summary.text("policy", $0) == "generalizer" && summary.text("condition", $0) == "heldout"
            }
            series += level(
                "S, held-out truth", summary.number("control_value", row), truth.flatMap { summary.number("ci_low", $0) },
                truth.flatMap { summary.number("ci_high", $0) }, conditions, second: false)
        }
        if let controls = try tables.read("probes/p02_controls.csv"),
            let row = controls.rows(where: ["control": "heldout"]).first
        {
            series += level(
                "d1, held-out truth", controls.number("distance_median", row), controls.number("ci_low", row),
                controls.number("ci_high", row), conditions, second: true)
        }
        for policy in policies {
            series.append(
                Plot.Series(
                    "S, \(policy)", form: .bars,
                    summary.points(
                        scores.filter { summary.text("policy", $0) == policy }, along: "condition", conditions, y: "value")))
        }
        for policy in policies {
            series.append(
                Plot.Series(
                    "d1, \(policy)", form: .line, isOnSecondAxis: true,
                    summary.points(
                        distances.filter { summary.text("policy", $0) == policy }, along: "condition", conditions, y: "value"
                    )))
        }
        return [
            Plot(
                name: "p02_paper_figure",
                title: "The published score and the distance behind it, with what held-out true sequences score",
                xLabel: "condition", yLabel: "S, median (bars; cut at -2)",
                y2Label: "d1, median (line; training standard deviations)",
                kind: .intervals(categories: conditions), series: policies.isEmpty ? [] : series,
                yRange: EndpointFigures.scoreRange)
        ]
    }

    private func level(
        _ name: String, _ value: Double?, _ low: Double?, _ high: Double?, _ conditions: [String], second: Bool
    ) -> [Plot.Series] {
        guard let value else { return [] }
        let points = conditions.indices.map { Plot.Point(x: Double($0), y: value, low: low, high: high) }
        return [Plot.Series(name, isControl: true, form: .level, isOnSecondAxis: second, points)]
    }
}
