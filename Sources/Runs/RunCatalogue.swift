import Basics
import Foundation

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
