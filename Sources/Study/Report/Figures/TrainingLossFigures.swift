import Plots

/// The losses of the trainings.
struct TrainingLossFigures: RunFigures {
    func plots(_ tables: RunTables) throws -> [Plot] {
        guard let metrics = try tables.read("metrics.csv") else { return [] }
        return [
            ("diffusion", "Diffusion policy: error of the predicted noise", "mean squared error"),
            ("alt", "Lookup table's encoder: contrastive loss", "NT-Xent (nats)"),
        ].compactMap { stage, title, unit in
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
}
