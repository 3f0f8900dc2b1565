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
    public func run(_ arguments: [String], in folder: String? = nil) throws -> (status: Int32, output: String, error: String) {
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

/// Runs this program again as a child, so that a crash in it can be reported.
public enum SelfExecution {
    /// Waits for the child, which shares standard output and error.
    /// - Parameters:
    ///   - program: the program to run; this one by default.
    ///   - what: what went wrong when the child dies of a signal.
    ///   - location: the file that is to blame.
    /// - Returns: the child's exit status.
    /// - Throws: `Failure` (`data`) when a signal ended the child, `inputOutput` when it cannot be started.
    public static func run(
        _ arguments: [String], program: String? = nil, crashed what: String, at location: String
    ) throws -> Int32 {
        let process = Process()
        process.executableURL =
            program.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        // A backtrace would bury the message.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        do { try process.run() } catch {
            throw Failure(.inputOutput, "cannot start a process of its own", at: location, found: error.localizedDescription)
        }
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal else { return process.terminationStatus }
        throw Failure(
            .data, what, at: location, expected: "a file that can be read to its end",
            found: "signal \(process.terminationStatus): \(String(cString: strsignal(process.terminationStatus)))",
            remedy: "do not trust this file: copy or download it again, or ask where it comes from")
    }
}
