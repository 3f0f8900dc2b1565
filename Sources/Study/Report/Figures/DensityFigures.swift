import Plots

/// P20: memory where training data are sparse and where they are dense.
struct DensityFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let bins = try tables.read("probes/p20_bins.csv") else { return [] }
        let rows = bins.rows(where: ["condition": "heldout"]), policies = bins.policies(DrawnPolicies.main, in: rows)
        let quartiles = bins.distinct("quartile", in: rows)
        let first = rows.filter { bins.text("policy", $0) == policies.first }
        let floor = bins.points(first, along: "quartile", quartiles, y: "memory_heldout", low: "", high: "")
        return [
            Plot(
                name: "p20_density", title: "Memory against the density of training data, held-out observations",
                xLabel: "quartile of density (1: sparsest)", yLabel: "memory, median",
                kind: .intervals(categories: quartiles),
                series: [Plot.Series("held-out truth", isControl: true, form: .level, floor)]
                    + bins.series(policies, in: rows, along: "quartile", quartiles, y: "memory"), yRange: -0.02...1.02)
        ]
    }
}
