import Plots

/// P25: the error of the sequence at the nearest training observation, space by space.
struct RetrievalFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let spaces = try tables.read("probes/p25_spaces.csv") else { return [] }
        let names = spaces.distinct("space"), conditions = ["heldout", "train"]
        let categories = names.flatMap { name in conditions.map { "\(name), \($0)" } }
        func points(_ y: String, _ low: String = "", _ high: String = "") -> [Plot.Point] {
            spaces.rows().compactMap { row in
                categories.firstIndex(of: "\(spaces.text("space", row)), \(spaces.text("condition", row))").flatMap {
                    spaces.point(row, x: Double($0), y: y, low: low, high: high)
                }
            }
        }
        return [
            Plot(
                name: "p25_retrieval", title: "Error of the sequence at the nearest observation of another demonstration",
                xLabel: "space of observations, condition", yLabel: "error / D12", kind: .intervals(categories: categories),
                series: [
                    Plot.Series("random training sequence", isControl: true, form: .level, points("random")),
                    Plot.Series("nearest training sequence (oracle)", isControl: true, form: .level, points("oracle")),
                    Plot.Series("retrieved", points("error_over_d12", "ci_low", "ci_high")),
                ])
        ]
    }
}
