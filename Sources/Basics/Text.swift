import Foundation

/// CSV as this program writes it (RFC 4180, LF), read back.
public enum CSVText {
    public struct Content: Equatable, Sendable {
        public let columns: [String]
        public let rows: [[String]]

        /// A row's cell by column name; nil when there is no such column.
        public func value(_ column: String, of row: [String]) -> String? {
            columns.firstIndex(of: column).map { row[$0] }
        }
    }

    /// - Throws: `Failure` (`data`) for an unfinished quotation or a row of another width than the header.
    public static func parse(_ text: String, name: String) throws -> Content {
        var records: [[String]] = [], record: [String] = [], cell = "", quoted = false
        let characters = Array(text.unicodeScalars)
        var i = 0
        while i < characters.count {
            let character = characters[i]
            if quoted {
                if character != "\"" {
                    cell.unicodeScalars.append(character)
                } else if i + 1 < characters.count, characters[i + 1] == "\"" {
                    cell.append("\"")
                    i += 1
                } else {
                    quoted = false
                }
            } else if character == "\"" {
                quoted = true
            } else if character == "," || character == "\n" {
                record.append(cell)
                cell = ""
                if character == "\n" {
                    records.append(record)
                    record = []
                }
            } else if character != "\r" {
                cell.unicodeScalars.append(character)
            }
            i += 1
        }
        guard !quoted, record.isEmpty, cell.isEmpty else {
            throw Failure(.data, "a CSV file ends in the middle of a row", at: name, expected: "rows that end with a line feed")
        }
        guard let columns = records.first else { throw Failure(.data, "a CSV file is empty", at: name, expected: "a header") }
        if let line = records.firstIndex(where: { $0.count != columns.count }) {
            throw Failure(
                .data, "a CSV row has another width than the header", at: "\(name), record \(line + 1)",
                expected: "\(columns.count) cells", found: "\(records[line].count)")
        }
        return Content(columns: columns, rows: Array(records.dropFirst()))
    }

    /// One record with its line feed, quoted where needed.
    public static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\n" }

    /// A cell's text, in double quotes where it holds a comma, a quote or a line feed.
    static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// Lines of cells as aligned text.
public enum TextColumns {
    /// Every column as wide as its widest cell, two spaces between columns.
    public static func align(_ lines: [[String]]) -> String {
        let count = lines.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return lines.map { line in
            var text = ""
            for (column, cell) in line.enumerated() {
                text += column + 1 == line.count ? cell : cell.padding(toLength: widths[column] + 2, withPad: " ", startingAt: 0)
            }
            return text + "\n"
        }.joined()
    }
}

public enum SignificantDigits {
    /// A few significant digits without an exponent where that is short.
    public static func shortened(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return "-" }
        if value == value.rounded() && abs(value) < 1e9 { return String(Int(value)) }
        return String(format: "%.\(digits)g", value)
    }
}

/// "Did you mean": the known name closest to a mistyped one.
public enum NearestName {
    /// The candidate with the smallest edit distance; nil without candidates.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        candidates.min { distance(name, $0) < distance(name, $1) }
    }

    /// `a, b, c (did you mean b?)`, without the question when no candidate is closer than half of the name's length.
    public static func list(_ candidates: [String], for name: String) -> String {
        guard let nearest = of(name, among: candidates) else { return "none" }
        let isClose = distance(name, nearest) <= max(1, name.count / 2)
        return candidates.joined(separator: ", ") + (isClose ? " (did you mean \(nearest)?)" : "")
    }

    /// Edits of one letter or swaps of neighbours between two words, whatever their case (Damerau-Levenshtein,
    /// optimal string alignment).
    public static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.lowercased().unicodeScalars), b = Array(second.lowercased().unicodeScalars)
        var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { table[i][0] = i }
        for j in 0...b.count { table[0][j] = j }
        for i in 0..<a.count {
            for j in 0..<b.count {
                let substitution = table[i][j] + (a[i] == b[j] ? 0 : 1)
                var best = min(substitution, table[i][j + 1] + 1, table[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, table[i - 1][j - 1] + 1) }
                table[i + 1][j + 1] = best
            }
        }
        return table[a.count][b.count]
    }
}

/// Sizes for people: "812 B", "12 kB", "7.0 MB", "1.2 GB", by powers of a thousand as disks are sold and `ls --si` prints.
public enum ByteCount {
    public static func text(_ bytes: Int) -> String {
        var value = Double(bytes), unit = "B"
        for next in ["kB", "MB", "GB", "TB"] where value >= 999.5 { (value, unit) = (value / 1000, next) }
        return unit == "B" || value >= 99.5 || unit == "kB" ? "\(Int(value.rounded())) \(unit)" : "\(String(format: "%.1f", value)) \(unit)"
    }
}

/// JSON by hand, where the order of keys or the bytes matter.
public enum JSONText {
    /// A string with its quotes.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
