import Basics
import Demonstrations
import Foundation
import Runs
import Store
import Tabletop

/// Demonstrations of the embedded simulator, written as a robomimic file.
public enum DatasetGeneration {
    /// Makes the demonstrations of a study when they are missing and it says how. Of several studies that begin at once, one does.
    static func provide(_ settings: Settings, _ console: Console, _ interruption: Interruption) throws {
        let path = settings.data.path
        let lockPath = path + ".lock"
        guard let generate = settings.data.generate, !FileSystem.exists(path) || FileSystem.exists(lockPath) else { return }
        let folder = PathName.folder(of: path)
        if !folder.isEmpty { try FileSystem.makeFolder(folder) }
        while true {
            switch try FileLock.attempt(lockPath) {
            case .taken:
                try interruption.check()
                usleep(100_000)
            case .held(let lock):
                defer { withExtendedLifetime(lock) {} }
                // What a killed process left of it.
                for name in try FileSystem.everything(in: folder.isEmpty ? "." : folder)
                where name.hasPrefix(PathName.last(of: path) + ".") && name.hasSuffix(Leftovers.suffix) {
                    try FileSystem.remove(folder.isEmpty ? name : "\(folder)/\(name)")
                }
                if !FileSystem.exists(path) {
                    let rejected = try write(generate, to: path, workers: settings.workers, progress: ProgressReporter(console))
                    if !console.isQuiet {
                        console.line("made \(path): \(generate.demonstrations) demonstrations, \(rejected) attempts drawn again")
                    }
                }
                return try FileSystem.remove(lockPath)
            }
        }
    }

    /// - Parameters:
    ///   - settings: task, number of demonstrations, the simulator's seed, and how the expert does it.
    ///   - hasImages: false for a low-dim file.
    /// - Returns: attempts of the expert that failed and were drawn again.
    /// - Throws: `Failure` when the task is unknown or the file cannot be written.
    public static func write(
        _ settings: TabletopGenerator.Configuration, to path: String, hasImages: Bool = true, workers: Int, progress: ProgressReporter
    ) throws -> Int {
        let folder = PathName.folder(of: path)
        if !folder.isEmpty { try FileSystem.makeFolder(folder) }
        let meter = progress.start("generating \(settings.task)", total: settings.demonstrations)
        let made = try TabletopGenerator.generate(settings, workers: workers, imageSize: hasImages ? TabletopGenerator.imageSize : nil) { done, _ in meter.update(done) }
        meter.finish()
        try RobomimicWriter.write(made.episodes, environment: made.environment, masks: [:], compress: true, to: path)
        return made.rejectedAttempts
    }
}
