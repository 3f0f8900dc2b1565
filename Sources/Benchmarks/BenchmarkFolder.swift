import Basics
import Foundation

/// Where a benchmark's tables go, `<results>/bench`. They are replaced by the next one.
public struct BenchmarkFolder: Sendable {
    public let path: String

    /// - Throws: `Failure` (`cannotCreate`) when it cannot be made.
    public init(results: String) throws {
        path = results + "/bench"
        try FileSystem.makeFolder(path)
    }

    /// Its folder of plots, made when it does not exist.
    public func plots() throws -> String {
        try FileSystem.makeFolder(path + "/plots")
        return path + "/plots"
    }

    public func write(_ table: Table, _ name: String) throws { try AtomicFile.write(table.csv, to: "\(path)/\(name)") }

    /// Runs `body` with a fresh folder for files that are only needed meanwhile.
    public static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alt-bench-\(UUID().uuidString)").path
        try FileSystem.makeFolder(folder)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch {
                FileHandle.standardError.write(Data("warning: cannot remove \(folder): \(error.localizedDescription)\n".utf8))
            }
        }
        return try body(folder)
    }
}
