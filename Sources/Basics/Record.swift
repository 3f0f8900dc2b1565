/// A row of a table as a value: columns and cells come from one list, so that neither can be without the other, and a file
/// is read back by the same list that wrote it.
///
/// A row is declared with a default for every property, so that it can be made empty and filled by reading.
public protocol Record: Sendable {
    init()
    static var columns: [Column<Self>] { get }
}

/// One column of a table, or several that belong together: how they are called, written and read.
public struct Column<Row> {
    public let names: [String]
    let write: (Row) -> [Table.Cell]
    /// Takes as many texts as there are names.
    let read: (inout Row, [String]) throws -> Void

    /// A single column.
    public init<Value: CellValue>(_ name: String, _ path: WritableKeyPath<Row, Value>) {
        names = [name]
        write = { [$0[keyPath: path].cell] }
        read = { row, texts in
            guard let value = Value(cell: texts[0]) else { throw Column.wrong(name, Value.form, texts[0]) }
            row[keyPath: path] = value
        }
    }

    /// The columns of a part of the row.
    public init<Part: Record>(_ path: WritableKeyPath<Row, Part>) { self.init(path, Part.columns) }

    /// A part of the row under columns of its own, such as a value with the ends of its interval.
    public init<Part>(_ path: WritableKeyPath<Row, Part>, _ columns: [Column<Part>]) {
        names = columns.flatMap(\.names)
        write = { row in columns.flatMap { $0.write(row[keyPath: path]) } }
        read = { row, texts in
            var start = 0
            for column in columns {
                try column.read(&row[keyPath: path], Array(texts[start..<start + column.names.count]))
                start += column.names.count
            }
        }
    }

    private static func wrong(_ name: String, _ form: String, _ text: String) -> Failure {
        Failure(.data, "a cell of a table cannot be read", at: "column \(name)", expected: form, found: text)
    }
}

extension Record {
    /// The names of all columns, in order.
    public static var columnNames: [String] { columns.flatMap(\.names) }

    /// Rows of a file.
    /// - Parameters:
    ///   - columns: The file's header; columns this record does not know are passed over.
    ///   - file: For messages.
    /// - Throws: `Failure` (`data`) when a column is absent or a cell is not of its form.
    public static func rows(columns header: [String], _ rows: [[String]], file: String) throws -> [Self] {
        let columns = columns
        let places = try columns.map { column in
            try column.names.map { name in
                guard let place = header.firstIndex(of: name) else {
                    throw Failure(
                        .data, "a table lacks a column", at: file, expected: "the column \(name)",
                        found: header.joined(separator: ", "), remedy: "run the study again with this version of the program")
                }
                return place
            }
        }
        return try rows.enumerated().map { number, texts in
            var row = Self()
            for (column, places) in zip(columns, places) {
                do { try column.read(&row, places.map { texts[$0] }) } catch var failure as Failure {
                    failure.location = "\(file), row \(number + 2), \(failure.location ?? "")"
                    throw failure
                }
            }
            return row
        }
    }
}

extension Table {
    public init<Row: Record>(_ rows: [Row]) {
        let columns = Row.columns
        self.init(columns: columns.flatMap(\.names))
        for row in rows { append(columns.flatMap { $0.write(row) }) }
    }
}

/// A value that stands in one cell.
public protocol CellValue {
    var cell: Table.Cell { get }
    /// From a file's text; nil when it is none.
    init?(cell text: String)
    /// What a cell should hold, for messages.
    static var form: String { get }
}

extension String: CellValue {
    public var cell: Table.Cell { .text(self) }
    public init?(cell text: String) { self = text == "NA" ? "" : text }
    public static var form: String { "text" }
}

extension Int: CellValue {
    public var cell: Table.Cell { .integer(self) }
    public init?(cell text: String) { self.init(text) }
    public static var form: String { "a whole number" }
}

extension Double: CellValue {
    public var cell: Table.Cell { .number(self) }
    /// NA, what a number that is not finite is written as, is NaN.
    public init?(cell text: String) {
        guard let value = text == "NA" ? .nan : Double(text) else { return nil }
        self = value
    }
    public static var form: String { "a number or NA" }
}

extension Float: CellValue {
    public var cell: Table.Cell { Table.Cell(self) }
    public init?(cell text: String) {
        guard let value = text == "NA" ? .nan : Float(text) else { return nil }
        self = value
    }
    public static var form: String { "a number or NA" }
}

extension Bool: CellValue {
    public var cell: Table.Cell { Table.Cell(self) }
    public init?(cell text: String) { self.init(text) }
    public static var form: String { "true or false" }
}

/// A word of a closed list stands in the file as its raw value.
extension CellValue where Self: RawRepresentable, RawValue == String {
    public var cell: Table.Cell { .text(rawValue) }
    public init?(cell text: String) { self.init(rawValue: text) }
}

/// Nil is NA.
extension Optional: CellValue where Wrapped: CellValue {
    public var cell: Table.Cell { self?.cell ?? .missing }
    public init?(cell text: String) {
        if text == "NA" {
            self = .none
            return
        }
        guard let value = Wrapped(cell: text) else { return nil }
        self = .some(value)
    }
    public static var form: String { Wrapped.form + ", or NA" }
}

extension Array {
    /// The distinct values of the rows, in order of appearance.
    public func distinct<Value: Hashable>(_ value: (Element) -> Value) -> [Value] { map(value).distinct }
}

extension Array where Element: Hashable {
    /// Every element once, in the order of its first place.
    public var distinct: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
