import Plots

/// P13: memory against the number of training demonstrations.
struct DataSizeFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let sizes = try tables.read("probes/p13_sizes.csv") else { return [] }
        let rows = sizes.rows(where: ["condition": "heldout"])
        let learned = sizes.distinct("policy", in: rows).filter { !DrawnPolicies.controls.contains($0) }
        let policies = learned + sizes.policies(["memorizer", "generalizer"], in: rows)
        func line(_ policy: String, y: String, low: String = "", high: String = "") -> [Plot.Point] {
            sizes.points(
                rows.filter { sizes.text("policy", $0) == policy }, at: "demonstrations", y: y, low: low, high: high
            )
            .sorted { $0.x < $1.x }
        }
        let floor =
            policies.first.map { [Plot.Series("held-out truth", isControl: true, line($0, y: "heldout_dcr_share"))] } ?? []
        return [
            Plot(
                name: "p13_dcr_share", title: "Memory against the number of demonstrations",
                xLabel: "training demonstrations",
                yLabel: "share of sequences nearer to training (DCR share)", kind: .curves,
                series: floor
                    + policies.map { policy in
                        Plot.Series(
                            policy, isControl: DrawnPolicies.controls.contains(policy),
                            line(policy, y: "dcr_share", low: "ci_low", high: "ci_high"))
                    }, references: [Plot.Reference("null", 0.5)], isLogarithmicX: true, yRange: 0...1.02)
        ]
    }
}
