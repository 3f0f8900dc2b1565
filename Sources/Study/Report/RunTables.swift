import Basics
import Plots

/// The CSV files of a run, for plots: what is drawn is what was written.
struct RunTables {
    /// The run's folder.
    let path: String

    /// One file's rows by column name; nil when the run has no such file.
    struct Rows {
        let content: CSVText.Content

        /// Rows in which every named column has the given text.
        func rows(where conditions: [String: String] = [:]) -> [[String]] {
            content.rows.filter { row in conditions.allSatisfy { content.value($0.key, of: row) == $0.value } }
        }

        func text(_ column: String, _ row: [String]) -> String { content.value(column, of: row) ?? "NA" }
        /// Nil for NA.
        func number(_ column: String, _ row: [String]) -> Double? { Double(text(column, row)) }

        /// The distinct texts of a column, in order of appearance; of all rows, or of those given.
        func distinct(_ column: String, in rows: [[String]]? = nil) -> [String] {
            var seen = Set<String>()
            return (rows ?? content.rows).map { text(column, $0) }.filter { seen.insert($0).inserted }
        }

        /// The number and its interval.
        func point(_ row: [String], x: Double, y: String, low: String = "ci_low", high: String = "ci_high") -> Plot.Point? {
            number(y, row).map { Plot.Point(x: x, y: $0, low: number(low, row), high: number(high, row)) }
        }
    }

    func read(_ relative: String) throws -> Rows? {
        let path = "\(self.path)/\(relative)"
        guard FileSystem.exists(path) else { return nil }
        return Rows(content: try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path))
    }
}
