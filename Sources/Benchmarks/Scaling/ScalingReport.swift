import Basics
import Logging
import Plots

/// The sweeps so far, as `scaling.csv`, as plots and for people.
public struct ScalingReport {
    public internal(set) var sweeps: [ScalingSweep] = []

    /// `scaling.csv`: `value` is what is drawn, `line` the straight line at the same x, `slowdown` how many times the line's
    /// time a point takes.
    public var table: Table {
        var table = Table(columns: [
            "sweep", "point", "x", "x_label", "ms", "ms_min", "runs", "gflop", "gigabytes", "quantity", "value", "line", "slowdown",
        ])
        for sweep in sweeps {
            for point in sweep.points {
                table.append([
                    .text(sweep.name), .text(point.label), .number(point.x), .text(sweep.xLabel), .number(point.timing.median),
                    .number(point.timing.minimum), .integer(point.timing.milliseconds.count),
                    Table.Cell(point.flops > 0 ? Double(point.flops) / 1e9 : nil),
                    Table.Cell(point.bytes > 0 ? Double(point.bytes) / 1e9 : nil), .text(sweep.quantity.label),
                    .number(sweep.value(point)), Table.Cell(sweep.line(at: point.x)), Table.Cell(sweep.slowdown(point)),
                ])
            }
        }
        return table
    }

    public var plots: [Plot] {
        sweeps.map { sweep in
            // From zero, so that heights compare.
            let top = sweep.points.reduce(0) { max($0, sweep.value($1), sweep.line(at: $1.x) ?? 0) }
            return Plot(
                name: sweep.name, title: sweep.title, xLabel: sweep.xLabel, yLabel: sweep.quantity.label, kind: .curves,
                series: [
                    Plot.Series("measured", sweep.points.map { Plot.Point(x: $0.x, y: sweep.value($0)) }),
                    Plot.Series(
                        sweep.quantity == .milliseconds ? "line through the first two" : "proportional to the first", isControl: true,
                        sweep.points.compactMap { point in sweep.line(at: point.x).map { Plot.Point(x: point.x, y: $0) } }),
                ], isLogarithmicX: sweep.isLogarithmic, isLogarithmicY: sweep.isLogarithmic,
                yRange: sweep.isLogarithmic ? nil : 0...top * 1.05)
        }
    }

    /// Draws every plot into a folder that exists.
    public func draw(in folder: String) throws {
        let writer = PlotWriter(folder: folder, log: Logger(label: "bench", factory: { StreamLogHandler.standardError(label: $0) }))
        for plot in plots { try writer.write(plot) }
    }

    /// The table on the terminal, then where each sweep leaves its line.
    public var text: String {
        func number(_ value: Double?) -> String { value.map { SignificantDigits.shortened($0, digits: 3) } ?? "-" }
        let lines = sweeps.flatMap { sweep in
            sweep.points.map { point in
                [
                    sweep.name, point.label, number(point.timing.median), number(point.timing.minimum), number(sweep.slowdown(point)),
                ]
            }
        }
        var text = TextColumns.align([["sweep", "point", "ms", "min", "times the line"]] + lines)
        for sweep in sweeps {
            let place = sweep.departure.map { "leaves the straight line at \($0.label), \(number(sweep.slowdown($0))) times its time" }
            text += "\(sweep.name): \(place ?? "stays within a tenth of the straight line")\n"
        }
        return text
    }
}

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
