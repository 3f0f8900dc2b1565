import Basics
import Foundation
import Synchronization

/// Programs that keep a core busy each, as on a machine that is shared: this one with the hidden verb `bench spin`, so that they end with
/// it whatever happens to it.
public final class BusyPrograms {
    /// With what keeps each one going.
    private let programs: [(process: Process, input: Pipe)]

    /// - Throws: `Failure` (`inputOutput`) when one cannot be started.
    init(_ count: Int, program: String?) throws {
        programs = try (0..<count).map { _ in
            let process = Process(), input = Pipe()
            process.executableURL =
                program.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["bench", "spin"]
            process.standardInput = input
            do { try process.run() } catch {
                throw Failure(.inputOutput, "cannot start a busy program", at: "alt bench spin", found: error.localizedDescription)
            }
            return (process, input)
        }
    }

    deinit {
        for (process, _) in programs {
            // SIGTERM would not do: a child of a dispatch thread may have inherited it blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// What such a program does: nothing, with all its might, until its standard input ends.
    public static func spin() -> Never {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            exit(0)
        }
        let isOver = Atomic(false)
        while !isOver.load(ordering: .relaxed) {}
        exit(0)
    }
}
