import Plots

/// P23: the time of one query.
struct LatencyFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let cost = try tables.read("probes/p23_cost.csv") else { return [] }
        let policies = cost.distinct("policy")
        return [
            Plot(
                name: "p23_latency", title: "Time of one query", xLabel: "policy", yLabel: "seconds, median",
                kind: .intervals(categories: policies),
                series: [
                    Plot.Series(
                        "measured",
                        policies.enumerated().compactMap { index, policy in
                            cost.rows(where: ["policy": policy]).first.flatMap {
                                cost.point($0, x: Double(index), y: "latency_p50_s", low: "p50_low", high: "p50_high")
                            }
                        })
                ], isLogarithmicY: true)
        ]
    }
}
