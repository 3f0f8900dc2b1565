import Plots

/// P10: two policies of disjoint demonstrations, asked the same.
struct TwinFigures: RunFigures {
    private static let measures = [
        ("agreement", "between the twins", false), ("own_set", "to the own demonstrations", false),
        ("other_set", "to the twin's demonstrations", false), ("same_data", "trained again on the same data", true),
        ("self_noise", "same policy, other noise", true), ("heldout", "held-out truth to the demonstrations", true),
    ]

    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let twins = try tables.read("probes/p10_twins.csv") else { return [] }
        let policies = twins.policies(
            ["diffusion_ddim", "state_ddpm_s0", "state_behaviour_cloning", "alt", "kernel"] + DrawnPolicies.oracles)
        return [
            Plot(
                name: "p10_twins",
                title: "Distances of twins: policies trained on disjoint demonstrations, held-out observations",
                xLabel: "policy", yLabel: "distance, median (training standard deviations)",
                kind: .intervals(categories: policies),
                series: Self.measures.map { measure, name, isControl in
                    Plot.Series(
                        name, isControl: isControl,
                        twins.points(
                            twins.rows(where: ["measure": measure, "condition": "heldout"]), along: "policy", policies,
                            y: "value"))
                })
        ]
    }
}
