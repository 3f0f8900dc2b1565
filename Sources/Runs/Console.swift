import Basics
import Foundation
import Logging
import Synchronization

/// Standard error as people see it: whole lines, and one progress bar below them on a terminal.
public final class Console: Sendable {
    /// Whether a bar can be redrawn in place.
    public let isTerminal: Bool
    /// Whether progress and information are left out; warnings and errors stay.
    public let isQuiet: Bool
    /// Whether what is found in the store and what is made is said too.
    public let isVerbose: Bool
    public let usesColour: Bool
    /// Characters per line.
    public let width: Int
    private let write: @Sendable (String) -> Void
    private let bar = Mutex("")

    public init(
        isTerminal: Bool, isQuiet: Bool = false, isVerbose: Bool = false, usesColour: Bool = false, width: Int = 80,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.isQuiet = isQuiet
        self.isVerbose = isVerbose
        self.usesColour = usesColour
        self.width = width
        self.write = write
    }

    /// Standard error. `TERM=dumb` and a missing TERM count as no terminal; NO_COLOR, when not empty, turns colour off.
    public static func standardError(
        quiet: Bool, verbose: Bool = false, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Console {
        let term = environment["TERM"] ?? ""
        let isTerminal = isatty(STDERR_FILENO) == 1 && term != "dumb" && !term.isEmpty
        var size = winsize()
        let hasSize = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return Console(
            isTerminal: isTerminal, isQuiet: quiet, isVerbose: verbose, usesColour: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty,
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

/// Sends swift-log's messages to the run's `log.txt`, with the time of day, and to the console.
struct RunLogHandler: LogHandler {
    let file: LogFile
    let console: Console
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(file: LogFile, console: Console) {
        self.file = file
        self.console = console
        if console.isVerbose { logLevel = .debug }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = event.message.description + values.map { " \($0.key)=\($0.value)" }.joined()
        file.append(event.level, text)
        switch event.level {
        case .error, .critical: console.error(text)
        case .warning: console.line(console.coloured("warning: ", .yellow) + text)
        default: if !console.isQuiet { console.line(text) }
        }
    }
}

/// `log.txt`, appended line by line. A log that cannot be written does not stop a run: the first loss is told on the console.
final class LogFile: Sendable {
    private let descriptor: Int32
    private let path: String
    private let console: Console
    private let isLosing = Atomic<Bool>(false)

    init(_ path: String, console: Console) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(.creating(errno), "cannot open the log", at: path, found: String(cString: strerror(errno)))
        }
        self.path = path
        self.console = console
    }

    deinit { close(descriptor) }

    func append(_ level: Logger.Level, _ text: String) {
        let bytes = Array("\(Date().ISO8601Format()) \(level) \(text)\n".utf8)
        guard write(descriptor, bytes, bytes.count) != bytes.count else { return }
        if !isLosing.exchange(true, ordering: .relaxed) {
            console.line("warning: \(path) cannot be written (\(String(cString: strerror(errno)))); going on without it")
        }
    }
}
