import Basics
import Plots
import Probes
import Runs
import Training

/// The CSV files of a run, read back by the columns that wrote them.
public struct RunTables: FigureSource {
    public let policies: [PolicyID]
    public let rules: DecisionRules
    private let run: RunContext

    init(_ study: Study, _ run: RunContext) {
        self.run = run
        policies = study.catalogue.named
        rules = study.settings.rules
    }

    public func texts(_ table: String) throws -> (columns: [String], rows: [[String]])? {
        let file = [SummaryRecord.name, ClaimRow.name].contains(table) ? "\(table).csv" : "probes/\(table).csv"
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

/// The losses of the trainings, from `metrics.csv`: of the batches, and of demonstrations that are not learned from.
struct TrainingLossFigures {
    let run: RunContext
    let catalogue: Catalogue

    func all() throws -> [any Figure] {
        let rows = try MetricsFile.rows(run.output("metrics.csv", of: StageName.encoders), from: "metrics.csv")
        let stages = Dictionary(grouping: rows, by: \.stage)
        let single = [
            (Trainings.subjectName, "Diffusion policy: error of the predicted noise", "mean squared error", true),
            (EncoderTraining.name(.main), "Lookup table's encoder: contrastive loss", "NT-Xent (nats)", false),
            (EncoderTraining.name(.main, .autoencoder), "Autoencoder: error of the reconstructed images", "mean squared error", true),
        ].compactMap { stage, title, unit, isLogarithmic -> Plot? in
            guard let own = stages[stage] else { return nil }
            let batches = points(own, StepMetric.loss)
            return Plot(
                name: "training_\(stage)", title: title, xLabel: "training step", yLabel: unit, kind: .curves,
                series: [
                    Plot.Series("single batches", isControl: true, mark: Plot.Mark("#c8c8c8", point: 1), batches),
                    Plot.Series("mean of batches around a step", smooth(batches)),
                    Plot.Series("held-out demonstrations", points(own, StepMetric.heldoutLoss)),
                ], isLogarithmicY: isLogarithmic)
        }
        return (single + [lowDim(stages)]).compactMap { $0 }
    }

    /// The low-dim policies on the study's training demonstrations, seed by seed.
    private func lowDim(_ stages: [String: [MetricsFile.Row]]) -> Plot? {
        let seeds = catalogue.entries.filter { [.standIn, .standInSeed].contains($0.id.role) }.compactMap { $0.training?(.main).name }
            .filter { stages[$0] != nil }
        guard !seeds.isEmpty else { return nil }
        return Plot(
            name: "training_state", title: "Low-dim diffusion policies: error of the predicted noise", xLabel: "training step",
            yLabel: "mean squared error", kind: .curves,
            series: seeds.enumerated().flatMap { place, stage -> [Plot.Series] in
                let mark = Plot.Mark.palette[place % Plot.Mark.palette.count], own = stages[stage] ?? []
                return [
                    Plot.Series("\(stage), batches", label: "seed \(place): batches", mark: Plot.Mark(mark.colour, point: mark.point), smooth(points(own, StepMetric.loss))),
                    Plot.Series(
                        "\(stage), held-out", label: "seed \(place): held-out", mark: Plot.Mark(mark.colour, point: mark.point, dash: 2),
                        points(own, StepMetric.heldoutLoss)),
                ]
            }, isLogarithmicY: true)
    }

    private func points(_ rows: [MetricsFile.Row], _ metric: String) -> [Plot.Point] {
        rows.filter { $0.metric == metric && $0.value.isFinite }.map { Plot.Point(x: Double($0.step), y: $0.value) }
    }

    /// Single batches are noisy: the mean over up to 10 rows on either side, so that it neither leads nor lags.
    private func smooth(_ points: [Plot.Point]) -> [Plot.Point] {
        points.indices.map { i in
            let reach = min(10, i, points.count - 1 - i), part = points[i - reach...i + reach]
            return Plot.Point(x: points[i].x, y: part.reduce(0) { $0 + $1.y } / Double(part.count))
        }
    }
}
