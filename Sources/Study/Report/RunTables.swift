import Basics
import Plots
import Probes
import Runs

/// The CSV files of a run, read back by the columns that wrote them.
public struct RunTables: FigureSource {
    public let policies: [PolicyID]
    public let rules: DecisionRules
    private let run: RunContext

    init(_ study: Study, _ run: RunContext) {
        self.run = run
        policies = study.catalogue.policies
        rules = study.settings.rules
    }

    public func texts(_ table: String) throws -> (columns: [String], rows: [[String]])? {
        let file = table == SummaryRecord.name ? "\(table).csv" : "probes/\(table).csv"
        guard FileSystem.exists(run.folder.path(file)) else { return nil }
        let content = try CSVText.parse(String(decoding: run.output(file, of: StageName.probe), as: UTF8.self), name: file)
        return (content.columns, content.rows)
    }
}

extension Record {
    /// - Throws: `Failure` when the file is absent or damaged.
    static func read(_ path: String) throws -> [Self] {
        let content = try CSVText.read(path)
        return try rows(columns: content.columns, content.rows, file: path)
    }
}

extension CSVText {
    /// - Throws: `Failure` when the file is absent or damaged.
    static func read(_ path: String) throws -> Content {
        try parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path)
    }
}

/// The losses of the trainings, from `metrics.csv`.
struct TrainingLossFigures {
    let run: RunContext

    func all() throws -> [any Figure] {
        let losses = try MetricsFile.rows(run.output("metrics.csv", of: StageName.encoders), from: "metrics.csv").filter { $0.metric == "loss" }
        return [
            (Trainings.subjectName, "Diffusion policy: error of the predicted noise", "mean squared error", true),
            (EncoderTraining.name(.main), "Lookup table's encoder: contrastive loss", "NT-Xent (nats)", false),
            (EncoderTraining.name(.main, .autoencoder), "Autoencoder: error of the reconstructed images", "mean squared error", true),
        ].compactMap { stage, title, unit, isLogarithmic in
            let points = losses.filter { $0.stage == stage && $0.value.isFinite }.map { Plot.Point(x: Double($0.step), y: $0.value) }
            guard !points.isEmpty else { return nil }
            // Single batches are noisy: a running mean over 20 rows beside them.
            let smooth = points.indices.map { i in
                let part = points[max(0, i - 19)...i]
                return Plot.Point(x: points[i].x, y: part.reduce(0) { $0 + $1.y } / Double(part.count))
            }
            return Plot(
                name: "training_\(stage)", title: title, xLabel: "step", yLabel: unit, kind: .curves,
                series: [Plot.Series("one batch", isControl: true, points), Plot.Series("mean of 20 rows", smooth)],
                isLogarithmicY: isLogarithmic)
        }
    }
}
