import Basics
import Foundation
import Synchronization

/// `metrics.csv`: one row per stage, step and metric. Rows are appended while a training goes on, for whoever watches; the
/// truth is in the checkpoints, from which the file is written anew when a training begins and ends.
public final class MetricsFile: Sendable {
    /// One row.
    public struct Row: Record {
        public var stage = ""
        public var step = 0
        public var metric = ""
        public var value = 0.0

        public init() {}

        public init(stage: String, step: Int, metric: String, value: Double) {
            self.stage = stage
            self.step = step
            self.metric = metric
            self.value = value
        }

        public static var columns: [Column<Row>] {
            [Column("stage", \.stage), Column("step", \.step), Column("metric", \.metric), Column("value", \.value)]
        }
    }

    private let path: String
    /// -1 before the first row of this process.
    private let descriptor = Mutex<Int32>(-1)

    public init(_ path: String) { self.path = path }

    deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

    /// Every row of a file; none when there is no such file.
    /// - Throws: `Failure` when it is damaged.
    public static func read(_ path: String) throws -> [Row] {
        FileSystem.exists(path) ? try rows(FileSystem.read(path), from: path) : []
    }

    /// Every row of a file that was read before.
    public static func rows(_ content: Data, from path: String) throws -> [Row] {
        let content = try CSVText.parse(String(decoding: content, as: UTF8.self), name: path)
        return try Row.rows(columns: content.columns, content.rows, file: path)
    }

    /// Writes the file anew, whole.
    public func replace(with rows: [Row]) throws {
        try descriptor.withLock { file in
            if file >= 0 { close(file) }
            file = -1
            try AtomicFile.write(Table(rows).csv, to: path)
        }
    }

    /// Appends rows in the order given, in one `write`; what a full disk cut short is taken back.
    public func append(_ rows: [Row]) throws {
        let text = Table(rows).csv
        guard let header = text.firstIndex(of: "\n") else { return }
        let bytes = Array(text[text.index(after: header)...].utf8)
        try descriptor.withLock { file in
            if file < 0 { file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
            guard file >= 0 else { throw Self.failure(path) }
            let start = lseek(file, 0, SEEK_END)
            guard write(file, bytes, bytes.count) == bytes.count else {
                let failure = Self.failure(path)
                _ = ftruncate(file, start)
                throw failure
            }
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(
            .inputOutput, "cannot write the metrics", at: path, found: String(cString: strerror(errno)),
            remedy: "check the free space of the disk (df -h)")
    }
}
