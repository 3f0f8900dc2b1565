import Foundation

/// Files that some checkouts have beside them. Tests that use one are skipped, with a message, when it is absent.
public enum SharedData {
    /// The repository's root, found from this source file.
    public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// `Tests/Fixtures/<name>`, always present.
    public static func fixture(_ name: String) -> String { root + "/Tests/Fixtures/" + name }

    /// `../shared/<name>` beside the repository, or nil when absent.
    public static func beside(_ name: String) -> String? {
        let path = root + "/../shared/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// A fresh folder under the system's temporary folder; gone when the tests end.
    public static func temporaryFolder() throws -> String {
        let path = testFolder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// One folder for all tests of a process, removed when it exits.
private let testFolder: String = {
    atexit { try? FileManager.default.removeItem(atPath: testFolder) }
    return FileManager.default.temporaryDirectory.path + "/alt-" + UUID().uuidString
}()
