import Basics
import Foundation
import Store

/// `status.json`: what a run is doing, for people and for sweeps. Replaced atomically.
public struct RunStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case running, done, failed, interrupted
    }

    public var state: State
    /// The stage under way, or the one that failed or was interrupted.
    public var stage: String?
    /// What of the stage is being done, and how much of it is done of how much, for work that takes more than two seconds.
    public var work: String?
    public var step: Int?
    public var steps: Int?
    /// Set when the process has ended its work.
    public var exitCode: Int32?
    /// First line of the failure, and all of it.
    public var message: String?, details: String?

    public init(
        _ state: State, stage: String? = nil, step: Int? = nil, steps: Int? = nil, exitCode: Int32? = nil, message: String? = nil,
        details: String? = nil
    ) {
        self.state = state
        self.stage = stage
        self.step = step
        self.steps = steps
        self.exitCode = exitCode
        self.message = message
        self.details = details
    }

    /// - Throws: `Failure` when a run has no readable `status.json`.
    public static func read(run path: String) throws -> RunStatus { try JSONFile.read(RunStatus.self, from: path + "/status.json") }
}

/// The runs below a results folder.
public enum RunCatalogue {
    public struct Entry: Codable, Equatable, Sendable {
        public let path: String
        /// nil when the run has no status that can be read.
        public let status: RunStatus?
        /// "running", "done", "failed" or "interrupted"; "died" when the status says running and no process holds the run; "unknown".
        public let state: String
        /// Whether it is of an older layout: its numbers can be read, it cannot be gone on with.
        public let isOlder: Bool
    }

    /// Sorted by path.
    /// - Throws: `Failure` when there is no such folder.
    public static func runs(in results: String) throws -> [Entry] {
        guard FileSystem.isFolder(results) else {
            throw Failure(
                .inputMissing, "there is no such folder of results", at: results, expected: "the folder that holds runs",
                remedy: "name it with --results DIR; `alt run` makes it")
        }
        return try FileSystem.folders(in: results).flatMap { experiment in
            try FileSystem.folders(in: experiment).filter { FileSystem.exists($0 + "/config.yaml") }.map(entry)
        }
    }

    /// One run.
    public static func entry(_ run: String) throws -> Entry {
        var status: RunStatus?
        if FileSystem.exists(run + "/status.json") {
            do { status = try RunStatus.read(run: run) } catch let failure as Failure where failure.kind == .data { status = nil }
        }
        var state = status?.state.rawValue ?? "unknown"
        if status?.state == .running, try !RunFolder.isHeld(run) { state = "died" }
        return Entry(path: run, status: status, state: state, isOlder: !FileSystem.exists("\(run)/\(RunRecord.fileName)"))
    }
}
