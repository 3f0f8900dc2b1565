import Basics
import Logging

/// Runs one experiment in its folder from beginning to end.
public enum Study {
    /// What a finished run leaves for the command line to say.
    public struct Outcome: Sendable {
        /// The run's folder.
        public let path: String
        /// Whether every stage was finished before, so that nothing was done.
        public let wasFinished: Bool
    }

    /// Creates or picks up the run, does what is left, and keeps status, provenance and log.
    /// - Parameters:
    ///   - folder: the run's folder; nil for its place below `results`.
    ///   - command: as typed, for the provenance.
    /// - Throws: `Failure`; `status.json` and `provenance.json` then carry its exit code, and the run can be picked up.
    public static func run(
        _ experiment: ExperimentFile, results: String, folder: String? = nil, stages: [any Stage], command: [String],
        console: Console, interruption: Interruption
    ) throws -> Outcome {
        let place = try folder ?? RunFolder.path(for: experiment.settings, results: results)
        let runFolder = try RunFolder(experiment, at: place)
        let logFile = try LogFile(runFolder.path("log.txt"), console: console)
        let log = Logger(label: "study") { _ in RunLogHandler(file: logFile, console: console) }
        let provenance = try ProvenanceFile(runFolder, settings: experiment.settings, command: command)
        interruption.onOverdue {
            log.warning("the step takes too long and is given up; the same command again goes on from what is saved")
            do {
                var status = try RunStatus.read(run: place)
                (status.state, status.message) = (.interrupted, "given up in a long step")
                status.exitCode = Failure.Kind.interrupted.exitCode
                try runFolder.write(status)
                try provenance.end(exitStatus: Failure.Kind.interrupted.exitCode)
            } catch {
                console.error("\(error)")
            }
        }
        defer { interruption.onOverdue(nil) }
        do {
            let context = StudyContext(
                settings: experiment.settings, runFolder: runFolder, metrics: try MetricsFile(runFolder.path("metrics.csv")),
                provenance: provenance, log: log, progress: ProgressReporter(console), interruption: interruption)
            log.info("\(runFolder.wasThere ? "picking up" : "starting") \(place)")
            let outcomes = try StageRunner(stages).run(context)
            let wasFinished = outcomes.allSatisfy { $0 == .unchanged }
            try runFolder.write(RunStatus(.done, exitCode: 0))
            try provenance.end(exitStatus: 0)
            log.info(wasFinished ? "this run was finished already; nothing changed" : "finished")
            return Outcome(path: place, wasFinished: wasFinished)
        } catch {
            let failure = error
            // The command line prints it; here it is kept beside the run.
            logFile.append(.error, "\(failure)")
            do { try provenance.end(exitStatus: (failure as? Failure)?.kind.exitCode ?? Failure.Kind.diverged.exitCode) } catch {
                log.warning("the provenance cannot be written: \(error)")
            }
            throw failure
        }
    }
}
