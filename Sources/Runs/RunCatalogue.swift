import Basics
import Foundation

/// `status.json`: what a run is doing, for people and for sweeps. Replaced atomically.
public struct RunStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case running, done, failed, interrupted
    }

    public var state: State
    /// The stage under way, or the one that failed or was interrupted.
    public var stage: String?
    /// Step within the stage and its last step, where the stage counts steps.
    public var step: Int?
    public var steps: Int?
    /// Set when the process has ended its work.
    public var exitCode: Int32?
    /// First line of the failure.
    public var message: String?

    public init(
        _ state: State, stage: String? = nil, step: Int? = nil, steps: Int? = nil, exitCode: Int32? = nil, message: String? = nil
    ) {
        self.state = state
        self.stage = stage
        self.step = step
        self.steps = steps
        self.exitCode = exitCode
        self.message = message
    }

    /// - Throws: `Failure` when a run has no readable `status.json`.
    public static func read(run path: String) throws -> RunStatus { try JSONFile.read(RunStatus.self, from: path + "/status.json") }
}

/// The runs below a results folder.
public enum RunCatalogue {
    public struct Entry: Codable, Equatable, Sendable {
        public let path: String
        /// nil when the run has no status yet.
        public let status: RunStatus?
    }

    /// Sorted by path.
    /// - Throws: `Failure` when there is no such folder or a status is damaged.
    public static func runs(in results: String) throws -> [Entry] {
        try folders(in: results).flatMap { experiment in
            try folders(in: experiment).filter { FileSystem.exists($0 + "/config.yaml") }.map { run in
                Entry(path: run, status: FileSystem.exists(run + "/status.json") ? try RunStatus.read(run: run) : nil)
            }
        }
    }

    private static func folders(in path: String) throws -> [String] {
        guard FileSystem.isFolder(path) else {
            throw Failure(
                .inputMissing, "there is no such folder of results", at: path, expected: "the folder that holds runs",
                remedy: "name it with --results DIR; `alt run` makes it")
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { "\(path)/\($0)" }.filter { entry in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: entry, isDirectory: &isFolder) && isFolder.boolValue
            }
        } catch {
            throw Failure(
                .inputOutput, "cannot list a results folder", at: path, found: error.localizedDescription,
                remedy: "check that you may read it")
        }
    }
}
