import Basics
import Logging

/// What a stage works with: the run's folder and the files that grow in it.
public struct RunContext: Sendable {
    public let folder: RunFolder
    public let metrics: MetricsFile
    public let provenance: ProvenanceFile
    /// Writes to `log.txt` and standard error.
    public let log: Logger
    /// Starts progress bars.
    public let progress: ProgressReporter
    public let interruption: Interruption

    /// First 8 hexadecimal digits of the dataset's SHA-256, `NA` before it has been recorded in the provenance.
    public var dataHash: String { provenance.dataset.map { String($0.sha256.prefix(8)) } ?? "NA" }

    public var resultContext: ResultContext {
        ResultContext(
            experiment: folder.configuration.experiment, configurationHash: folder.configuration.hash, dataHash: dataHash,
            seed: folder.configuration.seed)
    }

    /// Writes a table of results into the run's folder, every row with the run's context in front.
    public func write(_ results: Table, to relative: String) throws {
        try AtomicFile.write(results.prefixed(by: resultContext.prefix).csv, to: folder.path(relative))
    }
}

/// What every row of a result carries in front: which study, configuration, data and seed it comes from.
public struct ResultContext: Equatable, Sendable {
    public let experiment: String
    public let configurationHash: String
    public let dataHash: String
    public let seed: Int

    public init(experiment: String, configurationHash: String, dataHash: String, seed: Int) {
        self.experiment = experiment
        self.configurationHash = configurationHash
        self.dataHash = dataHash
        self.seed = seed
    }

    /// The columns `experiment`, `config_hash`, `data_hash`, `seed`.
    public var prefix: [(column: String, value: Table.Cell)] {
        [
            ("experiment", .text(experiment)), ("config_hash", .text(configurationHash)), ("data_hash", .text(dataHash)),
            ("seed", .integer(seed)),
        ]
    }
}

/// One process at work on a run, from beginning to end: what is left of the stages, with status, provenance and log kept.
public struct RunSession: Sendable {
    /// What a finished run leaves for the command line to say.
    public struct Outcome: Sendable {
        /// The run's folder.
        public let path: String
        /// Whether every stage was finished before, so that nothing was done.
        public let wasFinished: Bool
    }

    private let folder: RunFolder
    private let command: [String]
    private let console: Console
    private let interruption: Interruption

    /// - Parameter command: as typed, for the provenance.
    public init(_ folder: RunFolder, command: [String], console: Console, interruption: Interruption) {
        self.folder = folder
        self.command = command
        self.console = console
        self.interruption = interruption
    }

    /// Does what is left.
    /// - Throws: `Failure`; `status.json` and `provenance.json` then carry its exit code, and the run can be picked up.
    public func run(_ stages: [any Stage]) throws -> Outcome {
        let logFile = try LogFile(folder.path("log.txt"), console: console)
        let log = Logger(label: "study") { _ in RunLogHandler(file: logFile, console: console) }
        let provenance = try ProvenanceFile(folder, command: command)
        interruption.onOverdue {
            log.warning("the step takes too long and is given up; the same command again goes on from what is saved")
            do {
                var status = try RunStatus.read(run: folder.path)
                (status.state, status.message) = (.interrupted, "given up in a long step")
                status.exitCode = Failure.Kind.interrupted.exitCode
                try folder.write(status)
                try provenance.end(exitStatus: Failure.Kind.interrupted.exitCode)
            } catch {
                console.error("\(error)")
            }
        }
        defer { interruption.onOverdue(nil) }
        do {
            let context = RunContext(
                folder: folder, metrics: try MetricsFile(folder.path("metrics.csv")), provenance: provenance, log: log,
                progress: ProgressReporter(console), interruption: interruption)
            log.info("\(folder.wasThere ? "picking up" : "starting") \(folder.path)")
            let outcomes = try StageRunner(stages).run(context)
            let wasFinished = outcomes.allSatisfy { $0 == .unchanged }
            try folder.write(RunStatus(.done, exitCode: 0))
            try provenance.end(exitStatus: 0)
            log.info(wasFinished ? "this run was finished already; nothing changed" : "finished")
            return Outcome(path: folder.path, wasFinished: wasFinished)
        } catch {
            let failure = error
            // The command line prints it; here it is kept beside the run.
            logFile.append(.error, "\(failure)")
            do { try provenance.end(exitStatus: (failure as? Failure)?.kind.exitCode ?? Failure.Kind.defect.exitCode) } catch {
                log.warning("the provenance cannot be written: \(error)")
            }
            throw failure
        }
    }
}
