import Basics
import Policies
import Runs
import Safetensors
import Store

/// Advances a trainer to its last step: metrics, checkpoints, progress, and a clean stop on a signal.
///
/// A finished training keeps its last checkpoint and those of the steps that are asked about. What is missing of them is
/// made by training again from the newest whole checkpoint before it, which gives the same bits.
public struct TrainingLoop {
    private let context: RunContext
    private let checkpoints: CheckpointStore
    private let checkpointEvery: Int
    private let kept: Set<Int>
    /// Steps between rows of the metrics, and between those of the held-out loss, which takes as long as one or two steps.
    private static let metricsEvery = 10, heldoutEvery = 100

    /// - Parameters:
    ///   - folder: the training's entry of the store.
    ///   - present: files of the entry that are known already and stay.
    ///   - kept: steps whose checkpoints are written and stay.
    public init(_ run: RunContext, folder: String, present: [String] = [], checkpointEvery: Int, kept: Set<Int> = []) {
        context = run
        self.checkpointEvery = checkpointEvery
        self.kept = kept.union(TrainingFiles.keptSteps(present))
        let store = run.store
        checkpoints = CheckpointStore(folder: folder, log: run.log) { try store.setAside($0) }
    }

    /// - Returns: the files that a finished training is known by, in the entry's folder.
    /// - Throws: `Failure`: `interrupted` after saving, `diverged` with the last good checkpoint kept.
    public func run(_ trainer: any Trainer) throws -> [String] {
        let wanted = kept.union([trainer.totalSteps]).sorted()
        // Only these need be whole; of the others the newest that is.
        var missing = try wanted.filter { try checkpoints.load($0) == nil }
        if let first = missing.first {
            var rows: [StepMetric] = []
            for step in try checkpoints.steps().reversed() where step < first {
                guard let checkpoint = try checkpoints.load(step) else { continue }
                try trainer.restore(checkpoint.state, from: CheckpointStore.name(of: step))
                rows = checkpoint.metrics
                context.log.info("\(trainer.name): going on from step \(trainer.step) of \(trainer.totalSteps)")
                break
            }
            try advance(trainer, &rows, &missing)
        }
        for step in try checkpoints.steps() where !wanted.contains(step) { try checkpoints.remove(step) }
        try checkpoints.pointToNewest()
        return TrainingFiles.all(kept: kept)
    }

    private func advance(_ trainer: any Trainer, _ rows: inout [StepMetric], _ missing: inout [Int]) throws {
        func stage(_ rows: [StepMetric]) -> [MetricsFile.Row] { rows.map { MetricsFile.Row(stage: trainer.name, $0) } }
        try context.metrics.append(stage(rows))
        let meter = context.progress.start("training \(trainer.name)", total: trainer.totalSteps, from: trainer.step)
        defer { meter.finish() }
        var saved = trainer.step
        func save() throws {
            guard trainer.step != saved else { return }
            try checkpoints.save(CheckpointStore.Checkpoint(state: trainer.state(), metrics: rows), step: trainer.step)
            saved = trainer.step
        }
        while let last = missing.last, trainer.step < last {
            if context.interruption.requested {
                try save()
                try context.interruption.check()
            }
            let metrics = try trainer.advance()
            if metrics.step % Self.metricsEvery == 0 || metrics.step == trainer.totalSteps {
                var new = metrics.rows
                if metrics.step % Self.heldoutEvery == 0 || metrics.step == trainer.totalSteps, let loss = trainer.heldoutLoss() {
                    new.append(StepMetric(step: metrics.step, metric: StepMetric.heldoutLoss, value: Double(loss)))
                }
                rows += new
                try context.metrics.append(stage(new))
            }
            if metrics.step % checkpointEvery == 0 || missing.contains(metrics.step) {
                try save()
                try prune(before: trainer.step, trainer.totalSteps)
            }
            missing.removeAll { $0 == metrics.step }
            meter.update(metrics.step, detail: "loss \(metrics.loss)")
        }
    }

    /// Beside those that stay, the two newest up to the step reached.
    private func prune(before step: Int, _ total: Int) throws {
        let passing = try checkpoints.steps().filter { $0 <= step && !kept.contains($0) && $0 != total }
        for old in passing.dropLast(2) { try checkpoints.remove(old) }
    }
}

/// The files of a finished training's entry.
public enum TrainingFiles {
    /// Weights to sample or embed with.
    /// - Parameter step: of a kept checkpoint; nil for the last.
    public static func model(step: Int? = nil) -> String { folder(step) + "/" + CheckpointStore.model }
    /// Every row of the metrics.
    public static let metrics = folder(nil) + "/" + CheckpointStore.metrics

    private static func folder(_ step: Int?) -> String { step.map(CheckpointStore.name) ?? "last" }

    /// Of a training that keeps these steps.
    public static func all(kept: some Collection<Int>) -> [String] { [model(), metrics] + kept.sorted().map { model(step: $0) } }

    /// The steps whose checkpoints are among an entry's files.
    static func keptSteps(_ files: [String]) -> [Int] { files.compactMap { $0.split(separator: "/").first.flatMap { Int($0) } } }

    /// The metrics of a finished training.
    public static func metrics(of entry: StoreEntry) throws -> [StepMetric] {
        let content = try CSVText.parse(String(decoding: try entry.data(metrics), as: UTF8.self), name: entry.path + "/" + metrics)
        return try StepMetric.rows(columns: content.columns, content.rows, file: metrics)
    }
}

extension MetricsFile.Row {
    /// A training's row under the name that the run has for the training.
    public init(stage: String, _ metric: StepMetric) {
        self.init(stage: stage, step: metric.step, metric: metric.metric, value: metric.value)
    }
}

extension TrainingMetrics {
    fileprivate var rows: [StepMetric] {
        [
            (StepMetric.loss, Double(loss)), ("gradient_norm", Double(gradientNorm)), ("learning_rate", Double(learningRate)),
            ("epoch", epoch),
        ].map { StepMetric(step: step, metric: $0.0, value: $0.1) }
    }
}
