import Plots

/// P08: which training demonstrations are recalled, condition by condition.
struct RecallFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let histogram = try tables.read("probes/p08_histogram.csv") else { return [] }
        return histogram.policies(["diffusion_ddpm", "alt", "behaviour_cloning", "exact_ddpm"]).map { policy in
            let rows = histogram.rows(where: ["policy": policy])
            let demonstrations = histogram.distinct("demonstration", in: rows)
            let conditions = histogram.distinct("condition", in: rows)
            return Plot(
                name: "p08_recalled_\(policy)", title: "\(policy): training demonstration nearest to its sequences",
                xLabel: "training demonstration", yLabel: "share", kind: .counts(categories: demonstrations),
                series: conditions.map { condition in
                    Plot.Series(
                        condition,
                        rows.filter { histogram.text("condition", $0) == condition }.compactMap { row in
                            demonstrations.firstIndex(of: histogram.text("demonstration", row)).flatMap {
                                histogram.point(row, x: Double($0), y: "share", low: "", high: "")
                            }
                        })
                }, yRange: 0...1)
        }
    }
}
