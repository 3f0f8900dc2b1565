import Plots

/// P00: how far training sequences lie from those of other demonstrations.
struct SpacingFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let histogram = try tables.read("probes/p00_d12_histogram.csv") else { return [] }
        let rows = histogram.rows()
        let width =
            rows.first.flatMap { row in
                histogram.number("bin_high", row).flatMap { high in histogram.number("bin_low", row).map { high - $0 } }
            } ?? 1
        return [
            Plot(
                name: "p00_d12", title: "Distance of training sequences to the nearest one of another demonstration (D12)",
                xLabel: "distance (training standard deviations)", yLabel: "share of windows",
                kind: .histogram(binWidth: width),
                series: [
                    Plot.Series(
                        "training windows",
                        rows.compactMap { row in
                            histogram.number("bin_low", row).flatMap {
                                histogram.point(row, x: $0 + width / 2, y: "share", low: "", high: "")
                            }
                        })
                ])
        ]
    }
}
