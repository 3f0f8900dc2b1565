import Foundation

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
