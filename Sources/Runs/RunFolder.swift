import Basics
import Foundation

/// What a run must know of the configuration it was made with.
public struct RunConfiguration: Equatable, Sendable {
    /// Name of the study and of its folder below the results.
    public let experiment: String
    /// 8 hexadecimal digits, the same for every seed and number of workers.
    public let hash: String
    public let seed: Int
    /// The whole configuration, resolved.
    public let yaml: String
    /// What was changed on the command line, as typed.
    public let overrides: [String]

    public init(experiment: String, hash: String, seed: Int, yaml: String, overrides: [String]) {
        self.experiment = experiment
        self.hash = hash
        self.seed = seed
        self.yaml = yaml
        self.overrides = overrides
    }
}

/// One run, one folder: `results/<experiment>/study-<8 hex of the configuration's hash>-s<seed>`.
///
/// Held by one process at a time. Never named by a timestamp, so that the same configuration finds its run again.
public final class RunFolder: Sendable {
    public let path: String
    public let configuration: RunConfiguration
    /// Whether the folder was there before: the run is picked up where it stopped.
    public let wasThere: Bool
    private let lock: RunLock

    /// Where the run of a configuration lives below a results folder.
    public static func path(for configuration: RunConfiguration, results: String) -> String {
        "\(results)/\(configuration.experiment)/study-\(configuration.hash)-s\(configuration.seed)"
    }

    /// Creates the run's folder, or picks up the one that is there, and locks it.
    /// - Parameter reading: how the `config.yaml` of a run is read.
    /// - Throws: `Failure` (`cannotCreate`) when it cannot be made, is held by another process, or holds another configuration.
    public init(
        _ configuration: RunConfiguration, at path: String, reading: (_ path: String) throws -> RunConfiguration
    ) throws {
        let parent = PathName.folder(of: path)
        if !parent.isEmpty { try FileSystem.makeFolder(parent) }
        wasThere = try !FileSystem.makeFolderExclusively(path)
        self.path = path
        self.configuration = configuration
        lock = try RunLock(path + "/lock")
        let file = path + "/config.yaml"
        if FileSystem.exists(file) {
            try refuse(unlessOurs: try reading(file))
        } else {
            try AtomicFile.write(configuration.overrides.map { $0 + "\n" }.joined(), to: path + "/overrides.txt")
            try AtomicFile.write(configuration.yaml, to: file)
        }
        for folder in ["stages", "checkpoints", "probes", "plots"] { try FileSystem.makeFolder(path + "/" + folder) }
    }

    /// The path of something inside the folder.
    public func path(_ relative: String) -> String { path + "/" + relative }

    public func write(_ status: RunStatus) throws { try JSONFile.write(status, to: self.path("status.json")) }

    private func refuse(unlessOurs present: RunConfiguration) throws {
        guard present.hash != configuration.hash || present.seed != configuration.seed else { return }
        throw Failure(
            .cannotCreate, "the run's folder holds another configuration", at: path + "/config.yaml",
            expected: "configuration \(configuration.hash), seed \(configuration.seed)",
            found: "configuration \(present.hash), seed \(present.seed)",
            remedy: "choose another place with --results DIR; a run is never overwritten")
    }
}

/// Holds a run folder for one process: `flock` on its file `lock`, which carries the holder's process id.
///
/// The kernel releases the lock when the process ends, however it ends, so that a crash leaves no stale lock.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `Failure` (`cannotCreate`) naming the holder when another process has the run.
    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                .creating(errno), "cannot create the run's lock", at: path, found: String(cString: strerror(errno)),
                remedy: "check that you may write to the run's folder")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.content(descriptor)
            close(descriptor)
            throw Failure(
                .cannotCreate, "another process is working on this run", at: PathName.folder(of: path),
                expected: "one process per run", found: "process \(holder.isEmpty ? "unknown" : holder) holds it",
                remedy: "wait for it to end, or stop it with `kill \(holder)`: it saves first and the run can be resumed")
        }
        let text = "\(getpid())"
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            let found = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(.inputOutput, "cannot write the run's lock", at: path, found: found, remedy: "check the free space (df -h)")
        }
    }

    deinit { close(descriptor) }

    private static func content(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
