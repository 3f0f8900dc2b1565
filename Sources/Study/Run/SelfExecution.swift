import Basics
import Foundation

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
