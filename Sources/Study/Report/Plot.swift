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

    public struct Series: Sendable {
        public var name: String
        /// Controls are drawn in grey.
        public var isControl: Bool
        /// Among intervals: drawn across each category as a line with a band rather than beside the others.
        public var isLevel: Bool
        public var points: [Point]

        public init(_ name: String, isControl: Bool = false, isLevel: Bool = false, _ points: [Point]) {
            self.name = name
            self.isControl = isControl
            self.isLevel = isLevel
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
        self.series = series.map { Series($0.name, isControl: $0.isControl, isLevel: $0.isLevel, $0.points.filter(\.isDrawable)) }
            .filter { !$0.points.isEmpty }
        self.references = references
        self.isLogarithmicX = isLogarithmicX
        self.isLogarithmicY = isLogarithmicY
        self.yRange = yRange
    }

    var categories: [String] {
        switch kind {
        case .intervals(let categories), .counts(let categories): return categories
        case .curves, .histogram: return []
        }
    }
}
