import Plots

/// P05: how much of the learned denoiser the exact one explains, and at which bandwidth.
struct ExactDenoiserFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let fit = try tables.read("probes/p05_fit.csv") else { return [] }
        let rows = fit.rows(where: ["condition": "heldout"])
        let axis = label(fit, rows)
        return [explained(fit, rows, axis), bandwidths(fit, rows, axis)]
    }

    private func explained(_ fit: RunTables.Rows, _ rows: [[String]], _ axis: String) -> Plot {
        func line(_ policy: String, y: String, low: String = "", high: String = "") -> [Plot.Point] {
            fit.points(rows.filter { fit.text("policy", $0) == policy }, at: "timestep", y: y, low: low, high: high)
        }
        let policy = "diffusion_ddpm"
        let compared = [
            ("exact denoiser without observation", "r_squared_unconditional"), ("true chunk", "r_squared_truth"),
            ("exact denoiser of other demonstrations", "r_squared_reference"),
        ]
        let series =
            [Plot.Series("exact denoiser, fitted h", line(policy, y: "r_squared", low: "ci_low", high: "ci_high"))]
            + compared.map { Plot.Series($0.0, isControl: true, line(policy, y: $0.1)) }
            + ["random_init", "half_trained"].map {
                Plot.Series("of \($0): fitted h", isControl: true, line($0, y: "r_squared"))
            }
        // Far below zero every answer is equally wrong, and would flatten the rest.
        let lowest = series.flatMap(\.points).map(\.y).min() ?? 0
        return Plot(
            name: "p05_r_squared",
            title: "Share of the learned denoiser that others explain, \(policy), held-out observations",
            xLabel: axis, yLabel: "R^2" + (lowest < -0.5 ? " (cut at -0.5)" : ""), kind: .curves, series: series,
            yRange: max(-0.5, min(0, lowest) - 0.02)...1.02)
    }

    private func bandwidths(_ fit: RunTables.Rows, _ rows: [[String]], _ axis: String) -> Plot {
        let policies = fit.policies(["diffusion_ddpm", "behaviour_cloning"] + DrawnPolicies.oracles, in: rows)
        return Plot(
            name: "p05_bandwidth",
            title: "Bandwidth of the exact denoiser that explains most; none drawn where it is infinite",
            xLabel: axis, yLabel: "h / nearest-neighbour distance", kind: .curves,
            series: policies.map { policy in
                Plot.Series(
                    policy, isControl: DrawnPolicies.controls.contains(policy),
                    fit.points(
                        rows.filter { fit.text("policy", $0) == policy }, at: "timestep", y: "h_over_nn", low: "", high: ""))
            }, references: [Plot.Reference("one nearest-neighbour distance", 1)], isLogarithmicY: true)
    }

    /// The timesteps with the share of signal at both ends.
    private func label(_ fit: RunTables.Rows, _ rows: [[String]]) -> String {
        let ends = [rows.first, rows.last].compactMap { row in
            row.flatMap { row in
                fit.number("alpha_bar", row).map { "\((100 * $0).rounded() / 100) at \(fit.text("timestep", row))" }
            }
        }
        return "diffusion timestep (alpha_bar \(ends.joined(separator: ", ")))"
    }
}
