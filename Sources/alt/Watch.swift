import ArgumentParser
import Basics
import Foundation
import Study

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch a run: stage, step and loss curves, until no process works on it.",
        discussion: """
            Example:
              alt watch results/tabletop-lift/study-0123abcd-4567cdef-s0

            On a terminal the picture is drawn anew every two seconds; elsewhere a line is printed every 30. Ctrl-C ends the
            watching and leaves the run alone.
            """)

    @Argument(help: "A run's folder.", completion: .directory) var folder: String
    @Flag(help: "Draw once and leave.") var once = false

    /// Seconds between two looks, and between two lines where no picture is drawn.
    private static let look = 2.0, line = 30.0

    func run() throws {
        let path = try RunPath.checked(folder), watch = RunWatch(path)
        if once { return try Output.print(([watch.standing().line] + watch.losses(width: size.width, height: size.height)).joined(separator: "\n")) }
        let isTerminal = isatty(STDOUT_FILENO) == 1 && !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
        if isTerminal { try Output.print("\u{1B}[2J", terminator: "") }
        var waited = Self.line
        while true {
            let (line, isRunning) = try watch.standing()
            if isTerminal {
                let picture = try [path, line, ""] + watch.losses(width: size.width, height: size.height)
                // Home, every line cleared to its end, and what lies below.
                try Output.print("\u{1B}[H" + picture.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J", terminator: "")
            } else if isRunning, waited >= Self.line {
                try Output.print(line)
                waited = 0
            }
            guard isRunning else { break }
            Thread.sleep(forTimeInterval: Self.look)
            waited += Self.look
        }
        try Output.print(RunListing(path).standing)
    }

    /// Of the terminal; 80 x 20 where there is none.
    private var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 20) }
        return (Int(size.ws_col), min(24, max(8, Int(size.ws_row) - 4)))
    }
}
