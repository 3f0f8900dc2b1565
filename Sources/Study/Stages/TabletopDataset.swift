import Basics
import Demonstrations
import Foundation
import Logging
import Tabletop

/// Demonstrations of the embedded simulator as a robomimic file.
public enum TabletopDataset {
    /// Generates, renders and writes them, whole or not at all.
    /// - Parameter path: must not exist.
    /// - Throws: `Failure`: unknown task, or a file that cannot be created.
    public static func write(
        task: String, demonstrations: Int, seed: UInt64, to path: String, workers: Int, progress: ProgressReporter,
        log: Logger
    ) throws {
        guard !FileSystem.exists(path) else {
            throw Failure(
                .cannotCreate, "the file exists already", at: path, remedy: "choose another name or remove the file")
        }
        try FileSystem.makeFolder((path as NSString).deletingLastPathComponent.isEmpty
            ? "." : (path as NSString).deletingLastPathComponent)
        let meter = progress.start("generating demonstrations", total: demonstrations)
        let generated = try TabletopGenerator.generate(
            task: task, demonstrations: demonstrations, seed: seed, workers: workers
        ) { done, _ in meter.update(done) }
        meter.finish()
        try RobomimicWriter.write(
            generated.episodes, environment: generated.environment, masks: [:], compress: true, to: path)
        log.info(
            "wrote \(path): \(demonstrations) demonstrations of \(task), \(generated.rejectedAttempts) failed attempts left out")
    }
}
