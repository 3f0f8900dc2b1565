import Foundation
import Synchronization

/// Standard error as people see it: whole lines, and one progress bar below them on a terminal.
public final class Console: Sendable {
    /// Whether a bar can be redrawn in place.
    public let isTerminal: Bool
    /// Whether progress and information are left out; warnings and errors stay.
    public let isQuiet: Bool
    public let usesColour: Bool
    /// Characters per line.
    public let width: Int
    private let write: @Sendable (String) -> Void
    private let bar = Mutex("")

    public init(
        isTerminal: Bool, isQuiet: Bool = false, usesColour: Bool = false, width: Int = 80,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.isQuiet = isQuiet
        self.usesColour = usesColour
        self.width = width
        self.write = write
    }

    /// Standard error. `TERM=dumb` and a missing TERM count as no terminal; NO_COLOR, when not empty, turns colour off.
    public static func standardError(
        quiet: Bool, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Console {
        let term = environment["TERM"] ?? ""
        let isTerminal = isatty(STDERR_FILENO) == 1 && term != "dumb" && !term.isEmpty
        var size = winsize()
        let hasSize = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return Console(
            isTerminal: isTerminal, isQuiet: quiet, usesColour: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty,
            width: hasSize ? Int(size.ws_col) : 80
        ) { text in
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    /// Prints a whole line above the bar.
    public func line(_ text: String) {
        bar.withLock { bar in
            write((bar.isEmpty ? "" : "\r\u{1B}[K") + text + "\n" + bar)
        }
    }

    /// Replaces the bar; an empty text removes it.
    func draw(bar text: String) {
        bar.withLock { bar in
            guard bar != text else { return }
            write("\r\u{1B}[K" + text)
            bar = text
        }
    }

    /// `text` in red or yellow where colour is used.
    func coloured(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    enum Colour: Int {
        case red = 31
        case yellow = 33
    }

    /// Prints an error for people.
    public func error(_ text: String) { line(coloured("error: ", .red) + text) }
}
