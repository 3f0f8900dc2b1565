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
        let rowCount = (panels.count + columnCount - 1) / max(1, columnCount), columns = max(1, columnCount)
        let width = columns > 2 ? PaperSize.page : PaperSize.column
        let lines = PaperSize.wrapped(title, Int((width - 0.4) / PaperSize.character))
        // Each panel with its caption above and the numbers of its axes below and beside.
        let side = (width - 0.2) / Double(columns) - 0.62, caption = 2 * PaperSize.line + 0.1, numbers = 0.42
        let top = 0.2 + Double(lines.count) * PaperSize.line * 1.1
        let size = PaperSize(width: width, height: top + Double(rowCount) * (side + caption + numbers))
        return """
            # gnuplot \(name).gp draws \(name).svg, \(name).pdf and \(name).png from \(name).csv
            set datafile separator ','
            set size ratio -1
            set xrange [-\(limit):\(limit)]
            set yrange [-\(limit):\(limit)]
            set xtics -1,1,1 out nomirror scale 0.4 offset 0,0.4
            set ytics -1,1,1 out nomirror scale 0.4 offset 0.4,0
            set border 15 lw 0.6 lc rgb '#9a9a9a'
            unset key

            """ + size.script(name, body: body(size, lines, columns: columns, side: side, caption: caption, numbers: numbers, top: top))
    }

    private func body(
        _ size: PaperSize, _ lines: [String], columns: Int, side: Double, caption: Double, numbers: Double, top: Double
    ) -> String {
        func x(_ length: Double) -> String { PaperSize.shown(length / size.width) }
        func y(_ length: Double) -> String { PaperSize.shown(length / size.height) }
        var first = 0
        var commands = [
            "set multiplot",
            "set label 901 \(gnuplotLines(lines)) at screen 0.5, screen \(y(size.height - 0.1 - PaperSize.line / 2)) center",
        ]
        for (place, panel) in panels.enumerated() {
            let left = 0.1 + Double(place % columns) * (size.width - 0.2) / Double(columns) + 0.5
            let above = size.height - top - Double(place / columns) * (side + caption + numbers) - caption
            let said = PaperSize.wrapped(panel.caption, Int((side + 0.6) / (PaperSize.character * 0.9)))
            commands += [
                "set lmargin at screen \(x(left))", "set rmargin at screen \(x(left + side))", "set tmargin at screen \(y(above))",
                "set bmargin at screen \(y(above - side))",
                "set label 902 \(gnuplotLines(said)) at screen \(x(left + side / 2)), screen \(y(above + 0.15 + PaperSize.line * (Double(said.count) - 1) )) center font ',6.3'",
            ]
            var parts: [String] = []
            for (layer, points) in zip(layers, panel.points) {
                let rows = "skip 1 every ::\(first)::\(first + points.count - 1)"
                if !points.isEmpty { parts.append("'\(name).csv' \(rows) using 4:5 \(layer.style)") }
                first += points.count
            }
            commands.append("plot " + (parts.isEmpty ? "NaN notitle" : parts.joined(separator: ", \\\n    ")))
            commands.append("unset label 901")
        }
        return (commands + ["unset multiplot"]).joined(separator: "\n")
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
