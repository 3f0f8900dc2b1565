import Basics

/// A figure: what is drawn, apart from how. Written by `PlotWriter` as data, script and pictures.
public struct Plot: Sendable {
    public enum Kind: Equatable, Sendable {
        /// Lines over a numeric axis; a band where points have an interval.
        case curves
        /// Points with intervals, one group of points per category.
        case intervals(categories: [String])
        /// Boxes over a numeric axis, one panel per series; `binWidth` in units of x.
        case histogram(binWidth: Double)
        /// Boxes over categories, one panel per series.
        case counts(categories: [String])
        /// Shares between 0 and 1 as coloured cells with their numbers: a row per series, a column per category. A cell whose
        /// interval holds `null` is printed in grey.
        case matrix(categories: [String], null: Double?)
    }

    public struct Point: Equatable, Sendable {
        /// Position, or the category's index.
        public var x: Double
        public var y: Double
        /// Ends of the interval; nil when there is none.
        public var low: Double?
        public var high: Double?

        public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
            self.x = x
            self.y = y
            self.low = low
            self.high = high
        }

        var isDrawable: Bool { x.isFinite && y.isFinite }
    }

    /// How a series is drawn among intervals.
    public enum Form: Sendable {
        /// Beside the other series of its category.
        case points
        /// Boxes from zero, beside the other series of their category.
        case bars
        /// Points in the middle of their category, joined by a line.
        case line
        /// A line across each category, over the band of its interval.
        case level
    }

    public struct Series: Sendable {
        public var name: String
        /// Controls are drawn in grey.
        public var isControl: Bool
        public var form: Form
        /// Measured along the axis at the right, in units of `y2Label`.
        public var isOnSecondAxis: Bool
        public var points: [Point]

        public init(
            _ name: String, isControl: Bool = false, form: Form = .points, isOnSecondAxis: Bool = false, _ points: [Point]
        ) {
            self.name = name
            self.isControl = isControl
            self.form = form
            self.isOnSecondAxis = isOnSecondAxis
            self.points = points
        }

        var isBeside: Bool { form == .points || form == .bars }
    }

    /// A horizontal line that a reader compares with, for instance a null value.
    public struct Reference: Sendable {
        public var label: String
        public var value: Double

        public init(_ label: String, _ value: Double) {
            self.label = label
            self.value = value
        }
    }

    /// File name without extension.
    public var name: String
    public var title: String
    /// With unit: "distance d1 (scaled RMS)".
    public var xLabel: String
    public var yLabel: String
    /// Of the axis at the right; nil where no series is measured along it.
    public var y2Label: String?
    public var kind: Kind
    public var series: [Series]
    public var references: [Reference]
    public var isLogarithmicX: Bool
    public var isLogarithmicY: Bool
    /// Ends of the y axis; nil for what the data need.
    public var yRange: ClosedRange<Double>?

    public init(
        name: String, title: String, xLabel: String, yLabel: String, y2Label: String? = nil, kind: Kind, series: [Series],
        references: [Reference] = [], isLogarithmicX: Bool = false, isLogarithmicY: Bool = false, yRange: ClosedRange<Double>? = nil
    ) {
        self.name = name
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.y2Label = y2Label
        self.kind = kind
        self.series = series.map { series in
            var series = series
            series.points.removeAll { !$0.isDrawable }
            return series
        }.filter { !$0.points.isEmpty }
        precondition(
            y2Label != nil || !series.contains(where: \.isOnSecondAxis), "plot \(name): a series on the second axis, which has no label")
        self.references = references
        self.isLogarithmicX = isLogarithmicX
        self.isLogarithmicY = isLogarithmicY
        self.yRange = yRange
    }

    var categories: [String] {
        switch kind {
        case .intervals(let categories), .counts(let categories), .matrix(let categories, _): return categories
        case .curves, .histogram: return []
        }
    }
}

extension Plot: Figure {
    public var isEmpty: Bool { series.isEmpty }

    /// The plot's data, series after series: series, role (measured or control), category, x, y, low, high.
    public var table: Table {
        var table = Table(columns: ["series", "role", "category", "x", "y", "low", "high"])
        for series in series {
            for point in series.points {
                let category = categories.indices.contains(Int(point.x)) ? Table.Cell.text(categories[Int(point.x)]) : .missing
                table.append([
                    .text(series.name), .text(series.isControl ? "control" : "measured"), category, .number(point.x),
                    .number(point.y), Table.Cell(point.low), Table.Cell(point.high),
                ])
            }
        }
        return table
    }

    /// First and last data row of each series, counted from 0 below the header.
    var rowRanges: [ClosedRange<Int>] {
        var start = 0
        return series.map { series in
            defer { start += series.points.count }
            return start...(start + series.points.count - 1)
        }
    }
}
