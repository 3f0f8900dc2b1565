import Basics
import Demonstrations
import Foundation
import Tabletop

/// Demonstrations of the embedded simulator, written as a robomimic file.
public enum DatasetGeneration {
    /// - Parameter settings: task, number of demonstrations and the simulator's seed.
    /// - Returns: attempts of the expert that failed and were drawn again.
    /// - Throws: `Failure` when the task is unknown or the file cannot be written.
    public static func write(
        _ settings: TabletopGenerator.Configuration, to path: String, workers: Int, progress: ProgressReporter
    ) throws -> Int {
        let folder = PathName.folder(of: path)
        if !folder.isEmpty { try FileSystem.makeFolder(folder) }
        let meter = progress.start("generating \(settings.task)", total: settings.demonstrations)
        let made = try TabletopGenerator.generate(
            task: settings.task, demonstrations: settings.demonstrations, seed: UInt64(settings.seed), workers: workers
        ) { done, _ in meter.update(done) }
        meter.finish()
        try RobomimicWriter.write(made.episodes, environment: made.environment, masks: [:], compress: true, to: path)
        return made.rejectedAttempts
    }
}
