import Basics
import Probes

/// `summary.csv`: one row per endpoint, policy and condition, each with its interval, control and verdict.
public struct SummaryTable: Sendable {
    public let rows: [SummaryRow]

    public init(_ rows: [SummaryRow]) { self.rows = rows }

    /// Columns: `SummaryRow.columns`.
    public var table: Table {
        var table = Table(columns: SummaryRow.columns)
        for row in rows { table.append(row.cells) }
        return table
    }
}

/// `summary.csv` for people: aligned columns, numbers shortened.
public enum SummaryText {
    private static let shown = ["endpoint", "policy", "condition", "value", "interval", "n", "control", "control_value", "verdict"]

    /// - Parameter path: a run's `summary.csv`.
    /// - Throws: `Failure` when it is absent or damaged.
    public static func render(_ path: String) throws -> String {
        let content = try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path)
        var lines = [shown]
        for row in content.rows {
            lines.append(shown.map { column in
                if column == "interval" {
                    let low = number(content.value("ci_low", of: row)), high = number(content.value("ci_high", of: row))
                    return low == "-" ? "-" : "\(low) .. \(high)"
                }
                if column == "n" { return "\(content.value("n", of: row) ?? "-") \(content.value("unit", of: row) ?? "")" }
                return number(content.value(column, of: row))
            })
        }
        return TextColumns.align(lines)
    }

    /// Four significant digits; text as it is, `NA` as a dash.
    private static func number(_ text: String?) -> String {
        guard let text, text != "NA" else { return "-" }
        guard let value = Double(text) else { return text }
        return SignificantDigits.shortened(value)
    }
}
