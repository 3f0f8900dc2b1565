import Basics
import Foundation
import Logging
import Synchronization

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
