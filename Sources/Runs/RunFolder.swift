import Basics
import Foundation

/// One run, one folder: `results/<experiment>/study-<8 hex of the configuration's hash>-s<seed>`.
///
/// Held by one process at a time. Never named by a timestamp, so that the same configuration finds its run again.
public final class RunFolder: Sendable {
    public let path: String
    /// 8 hexadecimal digits, the same for every seed and number of workers.
    public let configurationHash: String
    /// Whether the folder was there before: the run is picked up where it stopped.
    public let wasThere: Bool
    private let lock: RunLock

    /// Where the run of `settings` lives below a results folder.
    public static func path(for settings: Settings, results: String) throws -> String {
        "\(results)/\(settings.experiment)/study-\(try settings.configurationHash())-s\(settings.seed)"
    }

    /// Creates the run's folder, or picks up the one that is there, and locks it.
    /// - Throws: `Failure` (`cannotCreate`) when it cannot be made, is held by another process, or holds another configuration.
    public init(_ experiment: ExperimentFile, at path: String) throws {
        let parent = PathName.folder(of: path)
        if !parent.isEmpty { try FileSystem.makeFolder(parent) }
        wasThere = try !FileSystem.makeFolderExclusively(path)
        self.path = path
        configurationHash = try experiment.settings.configurationHash()
        lock = try RunLock(path + "/lock")
        let configuration = path + "/config.yaml"
        if FileSystem.exists(configuration) {
            try refuseOther(try ExperimentFile.load(configuration).settings, than: experiment.settings)
        } else {
            try AtomicFile.write(experiment.overrides.map { $0 + "\n" }.joined(), to: path + "/overrides.txt")
            try AtomicFile.write(try experiment.settings.resolvedYAML(), to: configuration)
        }
        for folder in ["stages", "checkpoints", "probes", "plots"] { try FileSystem.makeFolder(path + "/" + folder) }
    }

    /// The path of something inside the folder.
    public func path(_ relative: String) -> String { path + "/" + relative }

    public func write(_ status: RunStatus) throws { try JSONFile.write(status, to: self.path("status.json")) }

    private func refuseOther(_ present: Settings, than wanted: Settings) throws {
        guard try present.configurationHash() != configurationHash || present.seed != wanted.seed else { return }
        throw Failure(
            .cannotCreate, "the run's folder holds another configuration", at: path + "/config.yaml",
            expected: "configuration \(configurationHash), seed \(wanted.seed)",
            found: "configuration \(try present.configurationHash()), seed \(present.seed)",
            remedy: "choose another place with --results DIR; a run is never overwritten")
    }
}
