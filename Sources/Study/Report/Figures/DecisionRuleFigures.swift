import Plots

/// P04: how far a policy's sequences lie from what each rule would answer.
struct DecisionRuleFigures: RunFigures {
    /// The rules that compete over what is nearest, then the best of the other kinds, then what all are compared with.
    private static let drawn = [
        "nearest_pixels", "nearest_pose", "nearest_alt_encoder", "nearest_diffusion_encoder", "kernel_diffusion_encoder",
        "linear_diffusion_encoder", "linear_true_state",
    ]
    private static let controls = ["truth", "mean", "phase_mean"]

    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let rules = try tables.read("probes/p04_rules.csv") else { return [] }
        let rows = rules.rows(where: ["condition": "heldout"]), policies = rules.policies(DrawnPolicies.main, in: rows)
        let series = (Self.drawn + Self.controls).map { rule in
            Plot.Series(
                rule, isControl: Self.controls.contains(rule),
                rules.points(
                    rows.filter { rules.text("rule", $0) == rule }, along: "policy", policies, y: "error", low: "error_low",
                    high: "error_high"))
        }
        return [
            Plot(
                name: "p04_rules",
                title: "Distance of a policy's sequences to the answer of each rule, held-out observations",
                xLabel: "policy", yLabel: "error (training standard deviations)", kind: .intervals(categories: policies),
                series: series)
        ]
    }
}
