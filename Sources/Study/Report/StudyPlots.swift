import Basics

/// The figures of a study, each made from one CSV file of the run.
struct StudyPlots {
    let tables: RunTables
    /// Drawn in grey: not the policies under study but what they are compared with.
    private static let controls: Set = ["memorizer", "interpolator", "generalizer", "mean", "pixel_nearest", "expert"]

    func all() throws -> [Plot] {
        var plots: [Plot] = []
        if let metrics = try tables.read("metrics.csv") { plots += losses(metrics) }
        if let histogram = try tables.read("probes/p00_d12_histogram.csv") { plots.append(spacing(histogram)) }
        if let summary = try tables.read("summary.csv") { plots += endpoints(summary, controls: try tables.read("probes/p02_controls.csv")) }
        if let curve = try tables.read("probes/p03_curve.csv") { plots.append(memorization(curve)) }
        if let histogram = try tables.read("probes/p08_histogram.csv") { plots += recalls(histogram) }
        if let cost = try tables.read("probes/p23_cost.csv") { plots.append(latency(cost)) }
        return plots
    }

    private func losses(_ metrics: RunTables.Rows) -> [Plot] {
        [("diffusion", "Diffusion policy: error of the predicted noise", "mean squared error"),
         ("alt", "Lookup table's encoder: contrastive loss", "NT-Xent (nats)")].compactMap { stage, title, unit in
            let rows = metrics.rows(where: ["stage": stage, "metric": "loss"])
            let points = rows.compactMap { row in
                metrics.number("step", row).flatMap { metrics.point(row, x: $0, y: "value") }
            }
            guard !points.isEmpty else { return nil }
            // Single batches are noisy: a running mean over 20 rows beside them.
            let smooth = points.indices.map { i in
                let part = points[max(0, i - 19)...i]
                return Plot.Point(x: points[i].x, y: part.reduce(0) { $0 + $1.y } / Double(part.count))
            }
            return Plot(
                name: "training_\(stage)", title: title, xLabel: "step", yLabel: unit, kind: .curves,
                series: [Plot.Series("one batch", isControl: true, points), Plot.Series("mean of 20 rows", smooth)],
                isLogarithmicY: stage == "diffusion")
        }
    }

    private func spacing(_ histogram: RunTables.Rows) -> Plot {
        let rows = histogram.rows()
        let width = rows.first.flatMap { row in
            histogram.number("bin_high", row).flatMap { high in histogram.number("bin_low", row).map { high - $0 } }
        } ?? 1
        return Plot(
            name: "p00_d12", title: "Distance of training sequences to the nearest one of another demonstration (D12)",
            xLabel: "distance (training standard deviations)", yLabel: "share of windows", kind: .histogram(binWidth: width),
            series: [
                Plot.Series("training windows", rows.compactMap { row in
                    histogram.number("bin_low", row).flatMap { histogram.point(row, x: $0 + width / 2, y: "share", low: "", high: "") }
                })
            ])
    }

    /// One figure an endpoint: conditions along x, a series a policy, the held-out floor in grey.
    private func endpoints(_ summary: RunTables.Rows, controls: RunTables.Rows?) -> [Plot] {
        let wanted: [(endpoint: String, title: String, unit: String, null: Plot.Reference?)] = [
            ("p02_d1_median", "Distance to the nearest training sequence", "d1, median (training standard deviations)", nil),
            ("p02_ratio_median", "Nearest over second-nearest demonstration", "d1 / d2, median", nil),
            ("p02_s_median", "The published score", "S, median", nil),
            ("p03_dcr_share", "Nearer to training than to reference demonstrations", "share of sequences (DCR share)",
             Plot.Reference("null", 0.5)),
        ]
        return wanted.compactMap { endpoint, title, unit, null in
            let rows = summary.rows(where: ["endpoint": endpoint])
            let categories = summary.distinct("condition", in: rows)
            var series = summary.distinct("policy").compactMap { policy -> Plot.Series? in
                let points = rows.filter { summary.text("policy", $0) == policy }.compactMap { row in
                    categories.firstIndex(of: summary.text("condition", row)).flatMap {
                        summary.point(row, x: Double($0), y: "value")
                    }
                }
                return points.isEmpty ? nil : Plot.Series(policy, isControl: Self.controls.contains(policy), points)
            }
            guard !series.isEmpty else { return nil }
            if let row = rows.first(where: { summary.text("control", $0) == "heldout" }),
                let floor = summary.number("control_value", row)
            {
                // Its interval is known for the distance alone.
                let row = endpoint == "p02_d1_median" ? controls?.rows(where: ["control": "heldout"]).first : nil
                let low = row.flatMap { controls?.number("ci_low", $0) }, high = row.flatMap { controls?.number("ci_high", $0) }
                series.append(
                    Plot.Series(
                        "held-out truth", isControl: true, isLevel: true,
                        categories.indices.map { Plot.Point(x: Double($0), y: floor, low: low, high: high) }))
            }
            return Plot(
                name: endpoint, title: title, xLabel: "condition", yLabel: unit, kind: .intervals(categories: categories),
                series: series, references: null.map { [$0] } ?? [])
        }
    }

    private func memorization(_ curve: RunTables.Rows) -> Plot {
        func line(_ policy: String, y: String = "f_mem", low: String = "ci_low", high: String = "ci_high") -> [Plot.Point] {
            curve.rows(where: ["policy": policy, "condition": "heldout"]).compactMap { row in
                curve.number("c", row).flatMap { curve.point(row, x: $0, y: y, low: low, high: high) }
            }
        }
        let policies = curve.distinct("policy")
        var series = policies.map { Plot.Series($0, isControl: Self.controls.contains($0), line($0)) }
        if let first = policies.first {
            series.append(
                Plot.Series("held-out truth", isControl: true, line(first, y: "heldout", low: "heldout_low", high: "heldout_high")))
            series.append(Plot.Series("null c^k", isControl: true, line(first, y: "null", low: "", high: "")))
        }
        return Plot(
            name: "p03_f_mem", title: "Share of sequences with d1 / d2 below c, held-out observations", xLabel: "c",
            yLabel: "f_mem(c)", kind: .curves, series: series.filter { !$0.points.isEmpty }, yRange: 0...1)
    }

    private func recalls(_ histogram: RunTables.Rows) -> [Plot] {
        histogram.distinct("policy").filter { !Self.controls.contains($0) }.map { policy in
            let rows = histogram.rows(where: ["policy": policy])
            let demonstrations = histogram.distinct("demonstration", in: rows)
            let conditions = histogram.distinct("condition", in: rows)
            return Plot(
                name: "p08_recalled_\(policy)", title: "\(policy): training demonstration nearest to its sequences",
                xLabel: "training demonstration", yLabel: "share", kind: .counts(categories: demonstrations),
                series: conditions.map { condition in
                    Plot.Series(condition, rows.filter { histogram.text("condition", $0) == condition }.compactMap { row in
                        demonstrations.firstIndex(of: histogram.text("demonstration", row)).flatMap {
                            histogram.point(row, x: Double($0), y: "share", low: "", high: "")
                        }
                    })
                }, yRange: 0...1)
        }
    }

    private func latency(_ cost: RunTables.Rows) -> Plot {
        let policies = cost.distinct("policy")
        return Plot(
            name: "p23_latency", title: "Time of one query", xLabel: "policy", yLabel: "seconds, median",
            kind: .intervals(categories: policies),
            series: [
                Plot.Series("measured", policies.enumerated().compactMap { index, policy in
                    cost.rows(where: ["policy": policy]).first.flatMap {
                        cost.point($0, x: Double(index), y: "latency_p50_s", low: "p50_low", high: "p50_high")
                    }
                })
            ], isLogarithmicY: true)
    }
}
