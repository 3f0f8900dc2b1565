import Basics
import Foundation
import Synchronization

/// `metrics.csv`: one row per stage, step and metric, appended whole while the run goes on.
public final class MetricsFile: Sendable {
    /// One row.
    public struct Row: Record {
        public var stage = ""
        public var step = 0
        public var metric = ""
        public var value = 0.0

        public init() {}

        init(stage: String, step: Int, metric: String, value: Double) {
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
    private let descriptor: Mutex<Int32>

    /// Opens the file for appending; a torn last line, left by a crash, is dropped.
    /// - Throws: `Failure` (`cannotCreate`, `inputOutput`).
    public init(_ path: String) throws {
        self.path = path
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw Failure(.creating(errno), "cannot open the metrics", at: path, found: String(cString: strerror(errno)))
        }
        descriptor = Mutex(file)
        let content = try FileSystem.read(path)
        let whole = content.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard whole == content.count || ftruncate(file, off_t(whole)) == 0 else { throw Self.failure(path) }
        if whole == 0 { try append(text: Table([Row]()).csv) }
    }

    deinit { descriptor.withLock { _ = close($0) } }

    /// Every row of a file; none when there is no such file.
    /// - Throws: `Failure` when it is damaged.
    public static func read(_ path: String) throws -> [Row] {
        guard FileSystem.exists(path) else { return [] }
        let content = try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path)
        return try Row.rows(columns: content.columns, content.rows, file: path)
    }

    /// Appends the metrics of one step, in the order given.
    public func append(stage: String, step: Int, _ metrics: [(name: String, value: Double)]) throws {
        let rows = metrics.map { Row(stage: stage, step: step, metric: $0.name, value: $0.value) }
        let text = Table(rows).csv
        guard let header = text.firstIndex(of: "\n") else { return }
        try append(text: String(text[text.index(after: header)...]))
    }

    /// Drops a stage's rows after a step: what a resumed stage will write again.
    public func dropRows(of stage: String, after step: Int) throws {
        let table = try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path)
        let kept = table.rows.filter { $0[0] != stage || (Int($0[1]) ?? 0) <= step }
        guard kept.count != table.rows.count else { return }
        let lines = ([Row.columnNames] + kept).map { CSVText.line($0) }.joined()
        try AtomicFile.write(lines, to: path)
        // The descriptor still points to the replaced file.
        try descriptor.withLock { file in
            close(file)
            file = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
            guard file >= 0 else { throw Self.failure(path) }
        }
    }

    /// One `write` per call; what a full disk cut short is taken back.
    private func append(text: String) throws {
        try descriptor.withLock { file in
            let start = lseek(file, 0, SEEK_END)
            let bytes = Array(text.utf8)
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

/// JSON with sorted keys, two-space indentation and snake case, written whole.
public enum JSONFile {
    /// - Throws: `Failure` when the file cannot be written.
    public static func write(_ value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw Failure(.defect, "cannot write a value as JSON", at: path, found: "\(error)")
        }
        try AtomicFile.write(data + Data("\n".utf8), to: path)
    }

    /// - Throws: `Failure` (`data`) when the content is not what this program writes.
    public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        let data = try FileSystem.read(path)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw Failure(
                .data, "a file of the run cannot be read", at: path, expected: "JSON as this program writes it", found: "\(error)",
                remedy: "remove the file and run again")
        }
    }
}
