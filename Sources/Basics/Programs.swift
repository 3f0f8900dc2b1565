import Basics
import Foundation

/// A program of the system that is used when it is there: git, gnuplot.
public struct ExternalProgram: Sendable {
    public let path: String

    /// Looks through PATH, or at the place that a name with a slash gives; nil when the program is not installed.
    public init?(_ name: String, searchPath: String? = ProcessInfo.processInfo.environment["PATH"]) {
        if name.contains("/") {
            guard FileManager.default.isExecutableFile(atPath: name) else { return nil }
            path = name
            return
        }
        let folders = (searchPath ?? "").split(separator: ":").map(String.init)
        guard let found = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile(atPath:)) else {
            return nil
        }
        path = found
    }

    /// Runs to the end with standard input closed.
    /// - Returns: exit status, standard output and standard error.
    /// - Throws: `Failure`: `inputOutput` when the program cannot be started, `interrupted` when a signal ended it, as
    ///   Ctrl-C does with everything in the foreground.
    func run(_ arguments: [String], in folder: String? = nil) throws -> (status: Int32, output: String, error: String) {
        let process = Process(), output = Pipe(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
            // Both programs write little, far below the size of a pipe, so that reading one after the other cannot stall.
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            guard process.terminationReason == .exit else {
                throw Failure(.interrupted, "a program was ended by a signal", at: path, found: "signal \(process.terminationStatus)")
            }
            return (process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.inputOutput, "cannot run a program", at: path, found: error.localizedDescription)
        }
    }
}
