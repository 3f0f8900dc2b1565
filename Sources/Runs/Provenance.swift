import Basics
import Foundation
import Logging
import Store
import Synchronization

/// `provenance.json`: where a run's numbers come from. The only file of a run that holds times of day.
public struct Provenance: Codable, Equatable, Sendable {
    /// One process that worked on the run; a resumed run has several.
    public struct Attempt: Codable, Equatable, Sendable {
        public var command: [String]
        /// That the program was built from; nil when it was not built from a git checkout.
        public var commit: String?
        /// Whether tracked files differed from the commit then.
        public var dirty: Bool?
        public var versions: Versions
        public var machine: Machine
        /// Scheduler's variables (SLURM_...), empty outside one.
        public var scheduler: [String: String]
        public var start: String
        public var end: String?
        public var exitStatus: Int32?
        /// The stages that this process finished, and how long each took.
        public var stages: [StageTime]
    }

    public struct StageTime: Codable, Equatable, Sendable {
        public var stage: String
        public var seconds: Double
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
    /// By the run's name for it: the entry of the store, and who made it.
    public var trainings: [String: Training]

    /// A training, table or set of curves that the run points to.
    public struct Training: Codable, Equatable, Sendable {
        public var entry: String
        public var maker: Maker
    }
}

extension Provenance {
    /// - Throws: `Failure` when a run has none that can be read.
    public static func read(run path: String) throws -> Provenance { try SealedJSON.read(Provenance.self, from: path + "/provenance.json") }
}

extension Provenance.Attempt {
    /// The process now running.
    static func starting(command: [String], program: ProgramIdentity, machine: Machine) -> Provenance.Attempt {
        Provenance.Attempt(
            command: command, commit: program.commit, dirty: program.isDirty, versions: .current(), machine: machine,
            scheduler: ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("SLURM_") },
            start: Date().ISO8601Format(), stages: [])
    }
}

/// Keeps `provenance.json` in step with the run.
public final class ProvenanceFile: Sendable {
    private let path: String?
    private let content: Mutex<Provenance>

    /// Adds this process as a new attempt to what is there. A damaged file is set aside and begun anew.
    init(_ folder: RunFolder, _ attempt: Provenance.Attempt, _ store: Store, _ log: Logger) throws {
        let path = folder.path("provenance.json")
        self.path = path
        let configuration = folder.configuration
        var provenance = Provenance(
            experiment: configuration.experiment, configurationHash: configuration.hash, seed: configuration.seed,
            dataset: nil, attempts: [], trainings: [:])
        if FileSystem.exists(path) {
            do {
                provenance = try SealedJSON.read(Provenance.self, from: path)
            } catch let failure as Failure where failure.kind == .data {
                log.warning("\(path) is damaged; set aside, begun anew")
                try store.setAside(path)
            }
        }
        provenance.attempts.append(attempt)
        content = Mutex(provenance)
        try SealedJSON.write(provenance, to: path)
    }

    /// Of a run that is only looked at: nothing is written.
    init(lookingAt configuration: RunConfiguration) {
        path = nil
        content = Mutex(
            Provenance(
                experiment: configuration.experiment, configurationHash: configuration.hash, seed: configuration.seed, attempts: [],
                trainings: [:]))
    }

    /// Seconds that each stage took in the latest process that finished it, over the runs of an experiment.
    public static func lastTimes(of experiment: String, in results: String) throws -> [String: Double] {
        guard FileSystem.isFolder("\(results)/\(experiment)") else { return [:] }
        var attempts: [Provenance.Attempt] = []
        for run in try FileSystem.folders(in: "\(results)/\(experiment)") where FileSystem.exists("\(run)/\(RunRecord.fileName)") {
            let file = "\(run)/provenance.json"
            guard FileSystem.exists(file) else { continue }
            do { attempts += try SealedJSON.read(Provenance.self, from: file).attempts } catch let failure as Failure where failure.kind == .data {
                // A damaged one is set aside when its run is picked up.
                continue
            }
        }
        var times: [String: Double] = [:]
        for attempt in attempts.sorted(by: { $0.start < $1.start }) {
            for time in attempt.stages { times[time.stage] = time.seconds }
        }
        return times
    }

    /// States the data that the run reads.
    public func record(_ dataset: Provenance.Dataset) throws { try change { $0.dataset = dataset } }

    /// States how long a stage took.
    func record(stage: String, seconds: Double) throws {
        try change { $0.attempts[$0.attempts.count - 1].stages.append(.init(stage: stage, seconds: (seconds * 100).rounded() / 100)) }
    }

    /// States what the run points to under a name.
    func record(_ name: String, _ entry: StoreEntry) throws {
        let training = Provenance.Training(entry: entry.name, maker: entry.maker)
        guard content.withLock({ $0.trainings[name] }) != training else { return }
        try change { $0.trainings[name] = training }
    }

    private func change(_ body: (inout Provenance) -> Void) throws {
        try content.withLock { provenance in
            body(&provenance)
            if let path { try SealedJSON.write(provenance, to: path) }
        }
    }

    func end(exitStatus: Int32) throws {
        try change { provenance in
            let last = provenance.attempts.count - 1
            provenance.attempts[last].end = Date().ISO8601Format()
            provenance.attempts[last].exitStatus = exitStatus
        }
    }
}
