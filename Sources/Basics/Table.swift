/// Rows under fixed columns, the form in which every number leaves the program.
///
/// Encoded as CSV: RFC 4180 quoting, LF, '.' as decimal point, shortest floats that round-trip, 0 without a sign, `NA` for missing and for what is not finite.
public struct Table: Sendable, Equatable {
    public enum Cell: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
        case text(String)
        case integer(Int)
        case number(Double)
        case missing

        public init(stringLiteral value: String) { self = .text(value) }
        public init(integerLiteral value: Int) { self = .integer(value) }
        public init(floatLiteral value: Double) { self = .number(value) }

        /// A float is widened through its shortest decimal form, so that 0.1 stays 0.1 in the file.
        public init(_ value: Float) { self = .number(Double("\(value)") ?? Double(value)) }
        public init(_ value: Double?) { self = value.map(Cell.number) ?? .missing }
        public init(_ value: Bool) { self = .text(value ? "true" : "false") }

        var encoded: String {
            switch self {
            case .text(let text): return text.isEmpty ? "NA" : CSVText.quoted(text)
            case .integer(let value): return String(value)
            case .number(let value): return value.isFinite ? value == 0 ? "0.0" : "\(value)" : "NA"
            case .missing: return "NA"
            }
        }
    }

    public let columns: [String]
    public private(set) var rows: [[Cell]] = []

    /// - Parameter columns: no two of one name: who reads the file by names would see only one of them.
    public init(columns: [String]) {
        precondition(Set(columns).count == columns.count, "two columns of one name among \(columns)")
        self.columns = columns
    }

    /// A table that was written as CSV; every cell as text, so that it is written as it was.
    /// - Throws: `Failure` (`data`) for text that is no CSV.
    public init(csv: String, name: String) throws {
        let content = try CSVText.parse(csv, name: name)
        columns = content.columns
        rows = content.rows.map { $0.map { $0 == "NA" ? .missing : .text($0) } }
    }

    /// Appends one row; its count must equal the number of columns.
    public mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "row of \(row.count) cells for columns \(columns)")
        rows.append(row)
    }

    /// The same rows with constant columns in front, for instance experiment, config_hash and seed.
    public func prefixed(by prefix: [(column: String, value: Cell)]) -> Table {
        var result = Table(columns: prefix.map(\.column) + columns)
        for row in rows { result.append(prefix.map(\.value) + row) }
        return result
    }

    public var csv: String {
        var text = columns.joined(separator: ",") + "\n"
        for row in rows { text += row.map(\.encoded).joined(separator: ",") + "\n" }
        return text
    }
}
