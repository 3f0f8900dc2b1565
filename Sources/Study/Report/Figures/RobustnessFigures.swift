import Plots

/// P26: the DCR share under other choices of the analyst.
struct RobustnessFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let robustness = try tables.read("probes/p26_robustness.csv") else { return [] }
        let rows = robustness.rows(where: ["condition": "heldout", "endpoint": "dcr_share"])
        let policies = robustness.policies(DrawnPolicies.learned + ["state_ddpm"] + DrawnPolicies.oracles, in: rows)
        let drawn = rows.filter { policies.contains(robustness.text("policy", $0)) }
        let choices = robustness.distinct("choice", in: drawn)
        // The floor depends on the choice alone, but not every policy has every choice.
        let floors = choices.compactMap { choice in drawn.first { robustness.text("choice", $0) == choice } }
        let floor = robustness.points(floors, along: "choice", choices, y: "heldout", low: "", high: "")
        return [
            Plot(
                name: "p26_dcr_share", title: "The DCR share under other choices, held-out observations", xLabel: "choice",
                yLabel: "share of sequences nearer to training (DCR share)", kind: .intervals(categories: choices),
                series: [Plot.Series("held-out truth", isControl: true, form: .level, floor)]
                    + robustness.series(policies, in: drawn, along: "choice", choices, y: "value"),
                references: [Plot.Reference("null", 0.5)], yRange: -0.02...1.02)
        ]
    }
}
