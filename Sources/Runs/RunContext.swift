import Basics
import Foundation
import Logging
import Store
import Synchronization

/// What a stage works with: the run's folder, the files that grow in it, and the store that runs share.
public struct RunContext: Sendable {
    public let folder: RunFolder
    public let metrics: MetricsFile
    public let provenance: ProvenanceFile
    public let store: Store
    let uses = UsedEntries()
    /// Writes to `log.txt` and standard error.
    public let log: Logger
    /// Starts progress bars.
    public private(set) var progress: ProgressReporter
    public let interruption: Interruption
    /// Whether what is not in the store may be made.
    private(set) var makes = true

    /// A run that is only read: what it has not made is an error.
    public static func reading(
        _ configuration: RunConfiguration, in path: String, program: ProgramIdentity, console: Console, interruption: Interruption
    ) -> RunContext {
        var context = looking(at: configuration, in: path, program: program, console: console, interruption: interruption)
        context.makes = false
        return context
    }

    /// A run that is only looked at: nothing is made, locked or changed, unless something is obtained.
    public static func looking(
        at configuration: RunConfiguration, in path: String, program: ProgramIdentity, console: Console, interruption: Interruption
    ) -> RunContext {
        let folder = RunFolder(lookingAt: configuration, at: path)
        let log = Logger(label: "study") { _ in SwiftLogNoOpLogHandler() }
        return RunContext(
            folder: folder, metrics: MetricsFile(folder.path("metrics.csv")), provenance: ProvenanceFile(lookingAt: configuration),
            store: Store(
                "\(folder.results)/\(StoreCleaning.storeName)", program: program, processor: "", log: log,
                check: { try interruption.check() }),
            log: log, progress: ProgressReporter(console), interruption: interruption)
    }

    /// The same with another place for progress.
    public func reporting(_ progress: ProgressReporter) -> RunContext {
        var context = self
        context.progress = progress
        return context
    }

    public var resultContext: ResultContext {
        ResultContext(
            experiment: folder.configuration.experiment, configurationHash: folder.configuration.hash,
            dataHash: String(folder.configuration.dataHash.prefix(8)), seed: folder.configuration.seed)
    }

    /// What has an identity, from the store or made now.
    /// - Parameters:
    ///   - title: what it is, in messages.
    ///   - name: a link to it in the run's folder, for readers.
    ///   - isRecorded: whether the provenance names it under that name, with who made it.
    ///   - needed: files that it must have.
    ///   - make: writes its files into the folder given and returns their names: see `Store.obtain`.
    public func obtain(
        _ identity: Identity, _ title: String, as name: String? = nil, isRecorded: Bool = false, needed: [String] = [],
        make: (_ folder: String, _ present: [String]) throws -> [String]
    ) throws -> StoreEntry {
        guard makes else { return try found(identity, title) }
        let entry = try store.obtain(
            identity, title, needed: needed, pointing: { try folder.point(to: $0, from: name, of: uses.stage) }, make: make)
        log.debug("\(title): \(entry.wasFound ? "found" : "made"), \(entry.name)")
        uses(entry)
        if let name, isRecorded { try provenance.record(name, entry) }
        return entry
    }

    private func found(_ identity: Identity, _ title: String) throws -> StoreEntry {
        func missing() -> Failure {
            Failure(
                .inputMissing, "the run has not made what is asked for, or made it with another program", at: folder.path, expected: title,
                found: "nothing of it in the store", remedy: "alt resume \(folder.path)")
        }
        guard store.has(identity) else { throw missing() }
        return try store.obtain(identity, title, pointing: { _ in }) { _, _ in throw missing() }
    }

    /// Notes that the stage under way uses an entry, also one that was obtained before.
    public func uses(_ entry: StoreEntry) { uses.add(entry.name) }

    /// Keeps the links that the stage under way made before: it found its result whole and did not look at what that is made of.
    public func keepLinks() { uses.keepAll() }

    /// A file that a finished stage wrote, compared with what it wrote.
    /// - Throws: `Failure` (`data`) when it is another now.
    public func output(_ path: String, of stage: String) throws -> Data {
        let data = try FileSystem.read(folder.path(path))
        guard try StageMarker.read(stage, in: folder)?.outputs[path] == FileHash.sha256(data) else {
            throw Failure(
                .data, "a file of the run changed while it was used", at: folder.path(path), expected: "what stage \(stage) wrote",
                found: "another SHA-256", remedy: "run again: the stage writes it anew")
        }
        return data
    }

    /// Writes a table of results into the run's folder, every row with the run's context in front.
    public func write(_ results: Table, to relative: String) throws {
        try AtomicFile.write(results.prefixed(by: resultContext.prefix).csv, to: folder.path(relative))
    }
}

/// The entries of the store that the stage under way has used.
final class UsedEntries: Sendable {
    private let state = Mutex<(stage: String, names: Set<String>, keepsAll: Bool)>((stage: "other", names: [], keepsAll: false))
    var stage: String { state.withLock(\.stage) }
    var names: Set<String> { state.withLock(\.names) }
    /// Whether links to other entries stay.
    var keepsAll: Bool { state.withLock(\.keepsAll) }
    func begin(_ stage: String) { state.withLock { $0 = (stage: stage, names: [], keepsAll: false) } }
    func keepAll() { state.withLock { $0.keepsAll = true } }
    func add(_ name: String) { state.withLock { _ = $0.names.insert(name) } }
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
    private let program: ProgramIdentity
    private let console: Console
    private let interruption: Interruption

    /// - Parameter command: as typed, for the provenance.
    public init(
        _ folder: RunFolder, command: [String], program: ProgramIdentity, console: Console, interruption: Interruption
    ) {
        self.folder = folder
        self.command = command
        self.program = program
        self.console = console
        self.interruption = interruption
    }

    /// Keeps `status.json` up with the work. One that cannot be written now is no reason to stop; the stage's end says so again.
    private static func watch(_ folder: RunFolder, _ log: Logger) -> ProgressReporter.Watch {
        { work, done, total in
            do { try folder.write(work: work, step: done, of: total) } catch { log.debug("the status cannot be written: \(error)") }
        }
    }

    /// Does what is left.
    /// - Throws: `Failure`; `status.json` and `provenance.json` then carry its exit code, and the run can be picked up.
    public func run(_ stages: [any Stage]) throws -> Outcome {
        let logFile = try LogFile(folder.path("log.txt"), console: console)
        let log = Logger(label: "study") { _ in RunLogHandler(file: logFile, console: console) }
        let interruption = interruption, machine = Machine.current()
        let store = Store(
            "\(folder.results)/\(StoreCleaning.storeName)", program: program, processor: machine.processor, log: log,
            check: { try interruption.check() })
        let provenance = try ProvenanceFile(folder, .starting(command: command, program: program, machine: machine), store, log)
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
                folder: folder, metrics: MetricsFile(folder.path("metrics.csv")), provenance: provenance, store: store, log: log,
                progress: ProgressReporter(console, watch: Self.watch(folder, log)), interruption: interruption)
            log.info("\(folder.wasThere ? "picking up" : "starting") \(folder.path)")
            for repair in folder.repairs { log.warning("\(repair)") }
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
