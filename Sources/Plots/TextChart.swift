import Foundation

/// Curves drawn with characters, for a terminal.
public struct TextChart: Sendable {
    /// A curve and the character that marks it; later curves lie above earlier ones.
    public struct Curve: Sendable {
        public let name: String
        public let mark: Character
        public let points: [Plot.Point]

        public init(_ name: String, _ mark: Character, _ points: [Plot.Point]) {
            (self.name, self.mark, self.points) = (name, mark, points)
        }
    }

    private let curves: [Curve]
    private let isLogarithmic: Bool

    /// - Parameter isLogarithmic: the y axis; values that are not positive are left out then.
    public init(_ curves: [Curve], isLogarithmic: Bool) {
        self.curves = curves
        self.isLogarithmic = isLogarithmic
    }

    /// Characters left of the field, for the axis' numbers.
    private static let margin = 11

    /// Lines of at most `width` characters: the field with both ends of y at the left, x below, and what the marks are.
    /// Points in one column are their mean.
    public func lines(width: Int, height: Int) -> [String] {
        let columns = max(10, width - Self.margin), rows = max(3, height - 2)
        let placed = curves.map { curve in curve.points.compactMap { point in scaled(point).map { (point.x, $0) } } }
        let all = placed.flatMap { $0 }
        guard let low = all.map(\.1).min(), let high = all.map(\.1).max(), let first = all.map(\.0).min(), let last = all.map(\.0).max() else {
            return ["nothing measured yet"]
        }
        var field = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
        for (curve, points) in zip(curves, placed) {
            let byColumn = Dictionary(grouping: points) { Self.place($0.0, first, last, columns) }
            for (column, own) in byColumn {
                let mean = own.reduce(0) { $0 + $1.1 } / Double(own.count)
                field[rows - 1 - Self.place(mean, low, high, rows)][column] = curve.mark
            }
        }
        let ends = [0: number(high), rows - 1: number(low)]
        let body = field.enumerated().map { row, characters in
            Self.right(ends[row] ?? "") + " |" + String(characters)
        }
        let (left, right) = (String(Int(first)), String(Int(last)))
        let axis = String(repeating: " ", count: Self.margin) + left + String(repeating: " ", count: max(1, columns - left.count - right.count)) + right
        let key = String(repeating: " ", count: Self.margin) + curves.filter { !$0.points.isEmpty }.map { "\($0.mark) \($0.name)" }.joined(separator: "   ")
        return body + [axis, key]
    }

    private func scaled(_ point: Plot.Point) -> Double? {
        guard point.y.isFinite, !isLogarithmic || point.y > 0 else { return nil }
        return isLogarithmic ? log(point.y) : point.y
    }

    private func number(_ value: Double) -> String { String(format: "%.3g", isLogarithmic ? exp(value) : value) }

    private static func right(_ text: String) -> String { String(repeating: " ", count: max(0, margin - 2 - text.count)) + text }

    private static func place(_ value: Double, _ low: Double, _ high: Double, _ count: Int) -> Int {
        high > low ? min(count - 1, Int((value - low) / (high - low) * Double(count - 1) + 0.5)) : 0
    }
}
