import Plots

/// P07: sequences as blends of training sequences.
struct BlendFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let blend = try tables.read("probes/p07_blend.csv") else { return [] }
        return [
            plot(
                blend, "largest_weight", "Largest weight of a sequence's blend of training demonstrations",
                "largest weight (share)"),
            plot(
                blend, "residual", "What no blend of training demonstrations explains",
                "residual (training standard deviations)"),
        ]
    }

    private func plot(_ blend: RunTables.Rows, _ measure: String, _ title: String, _ unit: String) -> Plot {
        let rows = blend.rows(where: ["measure": measure])
        let heldout = rows.filter { blend.text("condition", $0) == "heldout" }
        let policies = blend.policies(DrawnPolicies.main + ["exact_ddpm", "mean"], in: heldout)
        func points(_ rows: [[String]], _ y: String, _ low: String = "", _ high: String = "") -> [Plot.Point] {
            blend.points(rows, along: "policy", policies, y: y, low: low, high: high)
        }
        return Plot(
            name: "p07_\(measure)", title: title, xLabel: "policy", yLabel: unit, kind: .intervals(categories: policies),
            series: [
                Plot.Series(
                    "held-out truth", isControl: true, form: .level,
                    points(heldout, "heldout", "heldout_low", "heldout_high")),
                Plot.Series("training chunks with noise", isControl: true, points(heldout, "jitter")),
                Plot.Series("at held-out observations", points(heldout, "value", "ci_low", "ci_high")),
                Plot.Series(
                    "at training observations",
                    points(rows.filter { blend.text("condition", $0) == "train" }, "value", "ci_low", "ci_high")),
            ], yRange: measure == "largest_weight" ? 0...1.02 : nil)
    }
}
