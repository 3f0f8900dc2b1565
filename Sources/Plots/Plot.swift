import Basics

/// A figure: what is drawn, apart from how. Written by `PlotWriter` as data, script and pictures.
public struct Plot: Sendable {
    public enum Kind: Equatable, Sendable {
        /// Lines over a numeric axis; a band where points have an interval.
        case curves
        /// Points with intervals, one group of points per category; many categories of one or two points each stand one below the
        /// other, where their names can be read.
        case intervals(categories: [Category])
        /// Boxes over a numeric axis, one panel per series; `binWidth` in units of x.
        case histogram(binWidth: Double)
        /// Shares between 0 and 1 as coloured cells: a row per series, a column per category. With their numbers, where they are
        /// shown; a cell whose interval holds `null` is then printed in grey.
        case matrix(categories: [Category], null: Double?, showsNumbers: Bool)
    }

    /// A place on an axis without order: its name in the data, and what stands at the axis.
    public struct Category: Equatable, Sendable {
        public let name: String
        public let label: String
        /// Of what stands there, where one series has a point of each: the series has none then.
        public let mark: Mark?

        /// - Parameter label: without one, the name with spaces.
        public init(_ name: String, _ label: String? = nil, mark: Mark? = nil) {
            self.name = name
            self.label = label ?? name.replacing("_", with: " ")
            self.mark = mark
        }
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
        /// A line across each category, over the band of its interval.
        case level
    }

    public struct Series: Sendable {
        public var name: String
        /// In the key.
        public var label: String
        /// What is compared with, rather than what is asked about.
        public var isControl: Bool
        /// nil for the next of the palette, or of the greys.
        public var mark: Mark?
        public var form: Form
        public var points: [Point]

        /// - Parameter label: without one, the name with spaces.
        public init(
            _ name: String, label: String? = nil, isControl: Bool = false, mark: Mark? = nil, form: Form = .points, _ points: [Point]
        ) {
            self.name = name
            self.label = label ?? name.replacing("_", with: " ")
            self.isControl = isControl
            self.mark = mark
            self.form = form
            self.points = points
        }
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
    public var kind: Kind
    public var series: [Series]
    public var references: [Reference]
    public var isLogarithmicX: Bool
    public var isLogarithmicY: Bool
    /// Ends of the y axis; nil for what the data need.
    public var yRange: ClosedRange<Double>?

    public init(
        name: String, title: String, xLabel: String, yLabel: String, kind: Kind, series: [Series],
        references: [Reference] = [], isLogarithmicX: Bool = false, isLogarithmicY: Bool = false, yRange: ClosedRange<Double>? = nil
    ) {
        self.name = name
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.kind = kind
        self.series = series.map { series in
            var series = series
            series.points.removeAll { !$0.isDrawable }
            return series
        }.filter { !$0.points.isEmpty }
        self.references = references
        self.isLogarithmicX = isLogarithmicX
        self.isLogarithmicY = isLogarithmicY
        self.yRange = yRange
    }

    public var categories: [Category] {
        switch kind {
        case .intervals(let categories), .matrix(let categories, _, _): return categories
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
                let category = categories.indices.contains(Int(point.x)) ? Table.Cell.text(categories[Int(point.x)].name) : .missing
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

extension Plot.Category: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}
