/// Smallest and largest finite value of one dimension, and how many values were not finite.
struct DimensionRange {
    /// Infinity until a finite value is seen.
    private(set) var minimum = Float.infinity
    private(set) var maximum = -Float.infinity
    private(set) var nonFinite = 0

    mutating func include(_ value: Float) {
        guard value.isFinite else {
            nonFinite += 1
            return
        }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
    }

    /// One range per column of rows [*, width].
    static func of(_ parts: [[Float]], width: Int) -> [DimensionRange] {
        var ranges = [DimensionRange](repeating: DimensionRange(), count: width)
        for part in parts { ranges.include(rows: part) }
        return ranges
    }
}

extension [DimensionRange] {
    /// Widens one range per column by rows [*, count].
    mutating func include(rows: [Float]) {
        var column = 0
        for value in rows {
            self[column].include(value)
            column = column + 1 == count ? 0 : column + 1
        }
    }
}
