import Basics

/// A grid of panels, each with points of the plane in layers one over the other, under one title.
public struct PointPanels: Figure {
    /// What one kind of points is called in the data and looks like, in every panel.
    public struct Layer: Sendable {
        public enum Form: Sendable {
            /// Dots of a size.
            case points(size: Double)
            /// A line through the points of a width; a point without a number interrupts it.
            case lines(width: Double)
        }

        public var name: String
        public var form: Form
        /// As gnuplot takes it: "#3a3a3a".
        public var colour: String

        public init(_ name: String, _ form: Form, colour: String) {
            self.name = name
            self.form = form
            self.colour = colour
        }
    }

    public struct Panel: Sendable {
        public var row: String
        public var column: String
        /// A line above the panel: what the numbers say.
        public var caption: String
        /// The points of every layer.
        public var points: [[SIMD2<Double>]]

        public init(row: String, column: String, caption: String, points: [[SIMD2<Double>]]) {
            self.row = row
            self.column = column
            self.caption = caption
            self.points = points
        }
    }

    public var name: String
    /// One line or several.
    public var title: String
    /// The first lies under the others.
    public var layers: [Layer]
    /// Row after row, all of one length.
    public var panels: [Panel]
    public var columnCount: Int
    /// Both axes of every panel go from -limit to limit, with marks at -1, 0 and 1.
    public var limit: Double

    public init(name: String, title: String, layers: [Layer], panels: [Panel], columnCount: Int, limit: Double) {
        for panel in panels {
            precondition(
                panel.points.count == layers.count, "a panel with points of \(panel.points.count) layers for \(layers.count)")
        }
        self.name = name
        self.title = title
        self.layers = layers
        self.panels = panels
        self.columnCount = columnCount
        self.limit = limit
    }

    public var isEmpty: Bool { panels.isEmpty }

    /// Row, column, kind (the layer's name), x, y; NA interrupts a line.
    public var table: Table {
        var table = Table(columns: ["row", "column", "kind", "x", "y"])
        for panel in panels {
            for (layer, points) in zip(layers, panel.points) {
                for point in points {
                    table.append([
                        .text(panel.row), .text(panel.column), .text(layer.name), .number(point.x), .number(point.y),
                    ])
                }
            }
        }
        return table
    }

    public var script: String {
        let rowCount = (panels.count + columnCount - 1) / max(1, columnCount)
        let width = 60 + 250 * columnCount, height = 108 + 272 * rowCount
        return """
            # gnuplot \(name).gp draws \(name).svg and \(name).png from \(name).csv
            set datafile separator ','
            set size ratio -1
            set xrange [-\(limit):\(limit)]
            set yrange [-\(limit):\(limit)]
            set xtics -1,1,1 out nomirror
            set ytics -1,1,1 out nomirror
            set border 15 lc rgb '#9a9a9a'
            unset key
            do for [picture in 'svg png'] {
            if (picture eq 'svg') {
            set terminal svg size \(width),\(height) font 'Helvetica,12' background 'white' noenhanced
            } else {
            set terminal pngcairo size \(width),\(height) font 'Sans,9' background 'white' noenhanced
            }
            set output '\(name).'.picture
            set multiplot layout \(rowCount),\(columnCount) title \(heading) font ',12' \
            margins 0.04,0.985,\(34.0 / Double(height)),\(1 - 104.0 / Double(height)) spacing 0.03,\(34.0 / Double(height))
            \(plots)
            unset multiplot
            unset output
            }

            """
    }

    /// Lines of the title, joined by gnuplot.
    private var heading: String {
        title.split(separator: "\n").map { gnuplotQuoted(String($0)) }.joined(separator: #"."\n"."#)
    }

    private var plots: String {
        var first = 0
        var lines: [String] = []
        for panel in panels {
            lines.append("set title \(gnuplotQuoted(panel.caption)) offset 0,-0.7 font ',8.5'")
            var parts: [String] = []
            for (layer, points) in zip(layers, panel.points) {
                let rows = "skip 1 every ::\(first)::\(first + points.count - 1)"
                if !points.isEmpty { parts.append("'\(name).csv' \(rows) using 4:5 \(layer.style)") }
                first += points.count
            }
            lines.append(parts.isEmpty ? "set multiplot next" : "plot " + parts.joined(separator: ", \\\n    "))
        }
        return lines.joined(separator: "\n")
    }
}

extension PointPanels.Layer {
    fileprivate var style: String {
        switch form {
        case .points(let size): "with points pt 7 ps \(size) lc rgb '\(colour)'"
        case .lines(let width): "with lines lw \(width) lc rgb '\(colour)'"
        }
    }
}
