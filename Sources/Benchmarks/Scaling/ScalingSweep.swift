/// One quantity measured against one size, beside the straight line of its beginning.
public struct ScalingSweep: Sendable {
    public struct Point: Sendable {
        public let x: Double
        /// What was varied, in the user's terms, for instance "0.5 x".
        public let label: String
        public let timing: Timing
        public let flops: Int
        public let bytes: Int

        public init(x: Double, label: String, timing: Timing, flops: Int = 0, bytes: Int = 0) {
            self.x = x
            self.label = label
            self.timing = timing
            self.flops = flops
            self.bytes = bytes
        }
    }

    public enum Quantity: Sendable, Equatable {
        /// Straight when it goes on as from the first point to the second.
        case milliseconds
        /// Straight when it grows with x from the first point on.
        case runsPerSecond

        var label: String { self == .milliseconds ? "time (ms, median)" : "steps per second (median)" }
    }

    public let name: String
    public let title: String
    /// With unit.
    public let xLabel: String
    public let quantity: Quantity
    public let isLogarithmic: Bool
    public let points: [Point]

    public init(
        name: String, title: String, xLabel: String, quantity: Quantity = .milliseconds, isLogarithmic: Bool = false,
        points: [Point]
    ) {
        self.name = name
        self.title = title
        self.xLabel = xLabel
        self.quantity = quantity
        self.isLogarithmic = isLogarithmic
        self.points = points
    }

    public func value(_ point: Point) -> Double {
        quantity == .milliseconds ? point.timing.median : 1000 / point.timing.median
    }

    /// The straight line at x; nil when there are too few points to draw it.
    public func line(at x: Double) -> Double? {
        guard let first = points.first else { return nil }
        let start = value(first)
        if quantity == .runsPerSecond { return start * x / first.x }
        guard points.count >= 2 else { return nil }
        return start + (value(points[1]) - start) * (x - first.x) / (points[1].x - first.x)
    }

    /// How many times the line's time a point takes: above 1 it is slower than the line says.
    public func slowdown(_ point: Point) -> Double? {
        line(at: point.x).map { quantity == .milliseconds ? value(point) / $0 : $0 / value(point) }
    }

    /// The first point that is off the line by more than a tenth, in either direction.
    public var departure: Point? {
        points.first { point in slowdown(point).map { $0 > 1.1 || $0 < 0.9 } ?? false }
    }
}
