import Basics

/// A number that a probe writes for every generated sequence, by which runs are compared demonstration by demonstration.
public struct SampleMeasure: Sendable {
    /// In tables, and for people.
    public let name: String, title: String
    public let unit: String
    /// The table that holds it, in the run's folder `probes`.
    public let table: String
    private let read: @Sendable (CSVText.Content, String) throws -> [Sample]

    /// One sequence's number.
    public struct Sample: Sendable, Equatable {
        public let policy: String
        public let condition: Condition
        /// The demonstration's name; empty where a picture was shown.
        public let demonstration: String
        public let value: Double
    }

    /// - Parameter value: nil where the row has none.
    init<Row: ProbeTable>(
        _ name: String, _ title: String, unit: String, _ key: @escaping @Sendable (Row) -> SampleKey,
        _ value: @escaping @Sendable (Row) -> Double?
    ) {
        (self.name, self.title, self.unit, table) = (name, title, unit, Row.name)
        read = { content, file in
            try Row.rows(columns: content.columns, content.rows, file: file).compactMap { row in
                guard let value = value(row), value.isFinite else { return nil }
                let key = key(row)
                return Sample(policy: key.policy, condition: key.condition, demonstration: key.demonstration.name, value: value)
            }
        }
    }

    /// The numbers of a table's content.
    /// - Throws: `Failure` (`data`) for a table that is not of the probe's form.
    public func samples(_ content: CSVText.Content, file: String) throws -> [Sample] { try read(content, file) }
}
