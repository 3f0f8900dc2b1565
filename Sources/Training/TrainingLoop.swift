import Basics
import Policies
import Runs

/// Advances a trainer to its last step: metrics, checkpoints, progress, and a clean stop on a signal.
public struct TrainingLoop {
    private let context: RunContext
    private let checkpoints: CheckpointStore
    private let checkpointEvery: Int
    /// Steps between rows of metrics.csv.
    private static let metricsEvery = 10

    /// - Parameters:
    ///   - trainer: folder below `checkpoints`.
    ///   - kept: steps whose checkpoints are written and stay.
    public init(_ run: RunContext, trainer: String, checkpointEvery: Int, kept: Set<Int> = []) {
        context = run
        self.checkpointEvery = checkpointEvery
        checkpoints = CheckpointStore(
            folder: run.folder.path("checkpoints/\(trainer)"), log: run.log, kept: kept)
    }

    /// - Throws: `Failure`: `interrupted` after saving, `diverged` with the last good checkpoint kept.
    public func run(_ trainer: any Trainer) throws {
        if let (state, location) = try checkpoints.newest() {
            try trainer.restore(state, from: location)
            context.log.info("\(trainer.name): going on from step \(trainer.step) of \(trainer.totalSteps)")
        }
        try context.metrics.dropRows(of: trainer.name, after: trainer.step)
        let meter = context.progress.start("training \(trainer.name)", total: trainer.totalSteps, from: trainer.step)
        defer { meter.finish() }
        var saved = trainer.step
        while trainer.step < trainer.totalSteps {
            if context.interruption.requested {
                if trainer.step != saved { try checkpoints.save(trainer.state(), step: trainer.step) }
                try context.interruption.check()
            }
            let metrics = try trainer.advance()
            if metrics.step % Self.metricsEvery == 0 || metrics.step == trainer.totalSteps {
                try context.metrics.append(
                    stage: trainer.name, step: metrics.step,
                    [
                        ("loss", Double(metrics.loss)), ("gradient_norm", Double(metrics.gradientNorm)),
                        ("learning_rate", Double(metrics.learningRate)), ("epoch", metrics.epoch),
                    ])
            }
            if metrics.step % checkpointEvery == 0 || metrics.step == trainer.totalSteps
                || checkpoints.kept.contains(metrics.step)
            {
                try checkpoints.save(trainer.state(), step: metrics.step)
                saved = metrics.step
            }
            meter.update(metrics.step, detail: "loss \(metrics.loss)")
        }
    }
}
