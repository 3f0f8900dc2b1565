import Basics
import Foundation

/// A run's folder as typed.
enum RunPath {
    /// Without a trailing slash.
    /// - Throws: `Failure` (`inputMissing`) when it is no run.
    static func checked(_ path: String) throws -> String {
        var folder = path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        guard FileManager.default.fileExists(atPath: folder + "/config.yaml") else {
            throw Failure(
                .inputMissing, "this is not a run's folder", at: folder, expected: "a folder with a config.yaml",
                remedy: "`alt list` shows the runs there are")
        }
        return folder
    }
}
