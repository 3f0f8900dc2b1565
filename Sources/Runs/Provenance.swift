import Basics
import Foundation
import Synchronization

/// `provenance.json`: where a run's numbers come from. The only file of a run that holds times of day.
public struct Provenance: Codable, Equatable, Sendable {
    /// One process that worked on the run; a resumed run has several.
    public struct Attempt: Codable, Equatable, Sendable {
        public var command: [String]
        /// Commit of the working folder's repository; nil without git.
        public var commit: String?
        /// Whether tracked files differed from the commit.
        public var dirty: Bool?
        public var versions: Versions
        public var machine: Machine
        /// Scheduler's variables (SLURM_...), empty outside one.
        public var scheduler: [String: String]
        public var start: String
        public var end: String?
        public var exitStatus: Int32?
    }

    public struct Dataset: Codable, Equatable, Sendable {
        public var path: String
        public var sha256: String
        public var demonstrations: Int

        public init(path: String, sha256: String, demonstrations: Int) {
            self.path = path
            self.sha256 = sha256
            self.demonstrations = demonstrations
        }
    }

    public var experiment: String
    public var configurationHash: String
    public var seed: Int
    public var dataset: Dataset?
    public var attempts: [Attempt]
}

extension Provenance.Attempt {
    /// The process now running.
    static func starting(command: [String]) throws -> Provenance.Attempt {
        var commit: String?, dirty: Bool?
        if let git = ExternalProgram("git") {
            let head = try git.run(["rev-parse", "HEAD"])
            if head.status == 0 {
                commit = head.output.trimmingCharacters(in: .whitespacesAndNewlines)
                dirty = try !git.run(["status", "--porcelain", "--untracked-files=no"]).output.isEmpty
            }
        }
        return Provenance.Attempt(
            command: command, commit: commit, dirty: dirty, versions: .current(), machine: .current(),
            scheduler: ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("SLURM_") },
            start: Date().ISO8601Format())
    }
}

/// Keeps `provenance.json` in step with the run.
public final class ProvenanceFile: Sendable {
    private let path: String
    private let content: Mutex<Provenance>

    /// Adds this process as a new attempt to what is there.
    init(_ folder: RunFolder, command: [String]) throws {
        path = folder.path("provenance.json")
        let configuration = folder.configuration
        var provenance = FileSystem.exists(path)
            ? try JSONFile.read(Provenance.self, from: path)
            : Provenance(
                experiment: configuration.experiment, configurationHash: configuration.hash, seed: configuration.seed,
                dataset: nil, attempts: [])
        provenance.attempts.append(try .starting(command: command))
        content = Mutex(provenance)
        try JSONFile.write(provenance, to: path)
    }

    public var dataset: Provenance.Dataset? { content.withLock(\.dataset) }

    /// States the data that the run reads.
    public func record(_ dataset: Provenance.Dataset) throws {
        try JSONFile.write(content.withLock { provenance in
            provenance.dataset = dataset
            return provenance
        }, to: path)
    }

    func end(exitStatus: Int32) throws {
        try JSONFile.write(content.withLock { provenance in
            let last = provenance.attempts.count - 1
            provenance.attempts[last].end = Date().ISO8601Format()
            provenance.attempts[last].exitStatus = exitStatus
            return provenance
        }, to: path)
    }
}
