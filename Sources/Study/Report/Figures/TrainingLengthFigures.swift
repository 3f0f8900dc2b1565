import Plots

/// P12: memory and fit against the length of the training.
struct TrainingLengthFigures: RunFigures {
    /// Fitted below this.
    let fit: Double

    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let training = try tables.read("probes/p12_training.csv") else { return [] }
        let rows = training.rows(where: ["condition": "heldout"])
        var runs: [(family: String, seed: String)] = []
        for row in rows {
            let run = (training.text("family", row), training.text("seed", row))
            if !runs.contains(where: { $0 == run }) { runs.append(run) }
        }
        func line(_ run: (family: String, seed: String), y: String, low: String = "", high: String = "") -> [Plot.Point] {
            let own = rows.filter { training.text("family", $0) == run.family && training.text("seed", $0) == run.seed }
            return training.points(own, at: "steps", y: y, low: low, high: high).sorted { $0.x < $1.x }
        }
        func name(_ run: (family: String, seed: String)) -> String { "\(run.family), seed \(run.seed)" }
        let floor =
            runs.first.map { [Plot.Series("held-out truth", isControl: true, line($0, y: "heldout_dcr_share"))] } ?? []
        let fits = runs.map { Plot.Series(name($0), line($0, y: "fit", low: "fit_low", high: "fit_high")) }
        // The bound is part of the figure even where all fits are far from it. A fit of 0 has no place on this axis.
        let values = (fits.flatMap(\.points).flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } + [fit]).filter { $0 > 0 }
        let range = (values.min() ?? fit) * 0.8...(values.max() ?? fit) * 1.25
        return [
            Plot(
                name: "p12_dcr_share", title: "Memory against the length of the training", xLabel: "training steps",
                yLabel: "share of sequences nearer to training (DCR share)", kind: .curves,
                series: floor + runs.map { Plot.Series(name($0), line($0, y: "dcr_share", low: "ci_low", high: "ci_high")) },
                references: [Plot.Reference("null", 0.5)], isLogarithmicX: true, yRange: 0...1.02),
            Plot(
                name: "p12_fit", title: "Fit against the length of the training", xLabel: "training steps",
                yLabel: "error at training windows / D12", kind: .curves,
                series: fits, references: [Plot.Reference("fitted below", fit)], isLogarithmicX: true, isLogarithmicY: true,
                yRange: range),
        ]
    }
}
