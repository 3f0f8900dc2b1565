import Basics
import Foundation
import Store
import Synchronization

/// What a run must know of the configuration and the data it was made with.
public struct RunConfiguration: Equatable, Sendable {
    /// Name of the study and of its folder below the results.
    public let experiment: String
    /// 8 hexadecimal digits, the same for every seed, number of workers and place of the data.
    public let hash: String
    /// SHA-256 of the demonstrations' file.
    public let dataHash: String
    public let seed: Int
    /// The whole configuration, resolved.
    public let yaml: String
    /// What was changed on the command line, as typed.
    public let overrides: [String]

    public init(experiment: String, hash: String, dataHash: String, seed: Int, yaml: String, overrides: [String]) {
        self.experiment = experiment
        self.hash = hash
        self.dataHash = dataHash
        self.seed = seed
        self.yaml = yaml
        self.overrides = overrides
    }
}

/// `run.json`: what a run is. Written first, sealed, and never changed but for the text of the configuration, where
/// workers or the data's place differ.
public struct RunRecord: Codable, Equatable, Sendable {
    /// Of the run's folder; 1 had no such file.
    static let layout = 2
    public static let fileName = "run.json"

    public let layout: Int
    public let experiment: String
    public let configurationHash: String
    public let dataSha256: String
    public let seed: Int
    public let overrides: [String]
    /// Text of `config.yaml`.
    public let configuration: String

    init(_ configuration: RunConfiguration, overrides: [String]) {
        layout = Self.layout
        experiment = configuration.experiment
        configurationHash = configuration.hash
        dataSha256 = configuration.dataHash
        seed = configuration.seed
        self.overrides = overrides
        self.configuration = configuration.yaml
    }

    /// Whether both are of one run.
    func isSameRun(as other: RunRecord) -> Bool {
        (experiment, configurationHash, dataSha256, seed)
            == (other.experiment, other.configurationHash, other.dataSha256, other.seed)
    }

    /// - Throws: `Failure` (`data`) when it is damaged, or the run is of another layout.
    public static func read(run path: String) throws -> RunRecord {
        let file = "\(path)/\(fileName)"
        guard FileSystem.exists(file) else {
            throw Failure(
                .data, "this run is of an older layout", at: path, expected: "a \(fileName), layout \(layout)", found: "none",
                remedy: "`alt report` still reads it; `alt run \(path)/config.yaml` makes a new run with its settings")
        }
        return try SealedJSON.read(RunRecord.self, from: file).checked(file)
    }

    /// - Throws: `Failure` (`data`) when another version of the program made it.
    fileprivate func checked(_ file: String) throws -> RunRecord {
        guard layout == Self.layout else {
            throw Failure(
                .data, "this run is of another layout", at: file, expected: "layout \(Self.layout)", found: "layout \(layout)",
                remedy: "use the version of the program that made it")
        }
        return self
    }
}

/// One run, one folder: `results/<experiment>/study-<configuration>-<data>-s<seed>`, the first 8 hexadecimal digits of both
/// hashes.
///
/// Held by one process at a time. Never named by a timestamp, so that the same configuration and data find their run again.
public final class RunFolder: Sendable {
    public let path: String
    public let configuration: RunConfiguration
    /// Whether the folder was there before: the run is picked up where it stopped.
    public let wasThere: Bool
    /// What had to be put right when it was picked up, for the log.
    let repairs: [String]
    /// Nil for a folder that is only looked at.
    private let lock: FileLock?
    /// What `status.json` says, where this process wrote it.
    private let current = Mutex<RunStatus?>(nil)
    private static let lockName = "lock"

    /// Where the run of a configuration lives below a results folder.
    public static func path(for configuration: RunConfiguration, results: String) -> String {
        "\(results)/\(configuration.experiment)/study-\(configuration.hash)-\(configuration.dataHash.prefix(8))-s\(configuration.seed)"
    }

    /// The results folder that a run's folder lies in.
    public var results: String {
        let experiment = PathName.folder(of: path)
        guard !experiment.isEmpty else { return ".." }
        // "./study" lies in the folder above this one.
        guard ![".", ".."].contains(PathName.last(of: experiment)) else { return experiment + "/.." }
        let results = PathName.folder(of: experiment)
        return results.isEmpty ? "." : results
    }

    /// Creates the run's folder, or picks up the one that is there, and locks it.
    /// - Throws: `Failure` (`cannotCreate`) when it cannot be made, is held by another process, or holds another run.
    public init(_ configuration: RunConfiguration, at path: String) throws {
        let parent = PathName.folder(of: path)
        if !parent.isEmpty { try FileSystem.makeFolder(parent) }
        let isNew = try FileSystem.makeFolderExclusively(path)
        self.path = path
        self.configuration = configuration
        switch try FileLock.attempt("\(path)/\(Self.lockName)") {
        case .held(let lock): self.lock = lock
        case .taken(let holder):
            throw Failure(
                .cannotCreate, "another process is working on this run", at: path, expected: "one process per run",
                found: "process \(holder) holds it",
                remedy: "wait for it to end, or stop it with `kill \(holder.split(separator: " ").first ?? "")`: it saves first and the run can be resumed")
        }
        wasThere = !isNew
        try Leftovers.remove(in: path)
        repairs = try Self.record(configuration, at: path)
        for folder in ["stages", "checkpoints", "probes", "plots", StoreCleaning.pointersName] { try FileSystem.makeFolder(path + "/" + folder) }
    }

    /// The folder of a run that is only looked at, whether it is there or not: nothing is made, locked or changed.
    init(lookingAt configuration: RunConfiguration, at path: String) {
        self.path = path
        self.configuration = configuration
        wasThere = FileSystem.exists("\(path)/\(RunRecord.fileName)")
        repairs = []
        lock = nil
    }

    /// Writes down what the run is, or compares it with what is written.
    /// - Returns: what was damaged and is written anew.
    private static func record(_ configuration: RunConfiguration, at path: String) throws -> [String] {
        let file = "\(path)/\(RunRecord.fileName)"
        var repairs: [String] = [], overrides = configuration.overrides
        var isAsBefore = false
        if FileSystem.exists(file) {
            var present: RunRecord?
            do { present = try SealedJSON.read(RunRecord.self, from: file) } catch let failure as Failure where failure.kind == .data {
                repairs.append("\(file) is damaged; written anew")
            }
            if let present = try present?.checked(file) {
                // Typed once; the same configuration may be typed in many ways.
                overrides = present.overrides
                let wanted = RunRecord(configuration, overrides: overrides)
                guard wanted.isSameRun(as: present) else { throw refused(present, wanted, at: file) }
                isAsBefore = wanted == present
            }
        } else if FileSystem.exists("\(path)/config.yaml") {
            _ = try RunRecord.read(run: path)
        }
        if !isAsBefore { try SealedJSON.write(RunRecord(configuration, overrides: overrides), to: file) }
        for (name, text) in [("overrides.txt", overrides.map { $0 + "\n" }.joined()), ("config.yaml", configuration.yaml)] {
            let copy = "\(path)/\(name)"
            guard try !FileSystem.exists(copy) || FileSystem.read(copy) != Data(text.utf8) else { continue }
            if isAsBefore { repairs.append("\(copy) is missing or was changed; written anew") }
            try AtomicFile.write(text, to: copy)
        }
        return repairs
    }

    private static func refused(_ present: RunRecord, _ wanted: RunRecord, at file: String) -> Failure {
        func text(_ record: RunRecord) -> String {
            "configuration \(record.configurationHash), data \(record.dataSha256.prefix(8)), seed \(record.seed)"
        }
        return Failure(
            .cannotCreate, "the run's folder holds another run", at: file, expected: text(wanted), found: text(present),
            remedy: "choose another place with --results DIR; a run is never overwritten")
    }

    /// The path of something inside the folder.
    public func path(_ relative: String) -> String { path + "/" + relative }

    public func write(_ status: RunStatus) throws {
        try current.withLock { current in
            try JSONFile.write(status, to: self.path("status.json"))
            current = status
        }
    }

    /// States how far the work of the stage under way is.
    func write(work: String, step: Int, of steps: Int) throws {
        try current.withLock { current in
            guard var status = current, status.state == .running else { return }
            (status.work, status.step, status.steps) = (work, step, steps > 0 ? steps : nil)
            try JSONFile.write(status, to: self.path("status.json"))
            current = status
        }
    }

    /// Whether a process works on the run in a folder.
    static func isHeld(_ path: String) throws -> Bool { try FileLock.isHeld("\(path)/\(lockName)") }

    /// Removes the links of a stage to entries that it no longer uses.
    func forget(_ stage: String, except used: Set<String>) throws {
        let pointers = path(StoreCleaning.pointersName + "/" + stage)
        guard FileSystem.isFolder(pointers) else { return }
        for name in try FileSystem.everything(in: pointers) where !used.contains(name) { try FileSystem.remove("\(pointers)/\(name)") }
    }

    /// Makes the run's links to an entry of the store: one among those of the stage, which says that the entry is used, unless
    /// another stage has one, and one under the name that readers know.
    func point(to entry: String, from name: String?, of stage: String) throws {
        let pointers = path(StoreCleaning.pointersName)
        let isUsed = try FileSystem.isFolder(pointers) && FileSystem.folders(in: pointers).contains { FileSystem.isThere("\($0)/\(entry)") }
        let links = (isUsed ? [] : ["\(StoreCleaning.pointersName)/\(stage)/\(entry)"]) + [name].compactMap { $0 }
        for link in links {
            let depth = link.split(separator: "/").count + 1
            let target = String(repeating: "../", count: depth) + StoreCleaning.storeName + "/" + entry
            let file = path(link)
            try FileSystem.makeFolder(PathName.folder(of: file))
            if FileSystem.isThere(file), !FileSystem.isLink(file) {
                throw Failure(
                    .cannotCreate, "something is where a link into the store belongs", at: file, expected: "nothing, or a symbolic link",
                    found: "a file or folder", remedy: "move it away and run again")
            }
            try FileSystem.replaceLink(file, to: target)
        }
    }
}
