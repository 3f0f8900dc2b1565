import Basics

/// Shapes over numbers of training points, of one network and one setting: a panel each with training points, samples
/// and the ways of a few samples from noise.
public struct ManifoldFigure: Figure {
    public enum Kind: String, CaseIterable, Sendable {
        case flow, training, sample
    }

    public struct Panel: Sendable {
        public var row: String
        public var column: String
        /// A line above the panel: what the numbers say.
        public var caption: String
        /// Flow lines one after another, points without a number between them.
        public var points: [Kind: [SIMD2<Double>]]

        public init(row: String, column: String, caption: String, points: [Kind: [SIMD2<Double>]]) {
            self.row = row
            self.column = column
            self.caption = caption
            self.points = points
        }
    }

    public var name: String
    public var title: String
    /// Row after row, all of one length.
    public var panels: [Panel]
    public var columnCount: Int

    public init(name: String, title: String, panels: [Panel], columnCount: Int) {
        self.name = name
        self.title = title
        self.panels = panels
        self.columnCount = columnCount
    }

    public var isEmpty: Bool { panels.isEmpty }

    /// Row, column, kind, x, y; NA ends a flow line.
    public var table: Table {
        var table = Table(columns: ["row", "column", "kind", "x", "y"])
        for panel in panels {
            for kind in Kind.allCases {
                for point in panel.points[kind] ?? [] {
                    table.append([
                        .text(panel.row), .text(panel.column), .text(kind.rawValue), .number(point.x), .number(point.y),
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
            set xrange [-1.7:1.7]
            set yrange [-1.7:1.7]
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

    private static let styles: [(kind: Kind, style: String)] = [
        (.flow, "with lines lw 0.7 lc rgb '#c3dff0'"), (.training, "with points pt 7 ps 0.42 lc rgb '#3a3a3a'"),
        (.sample, "with points pt 7 ps 0.26 lc rgb '#E8710A'"),
    ]

    private var plots: String {
        var first = 0
        var lines: [String] = []
        for panel in panels {
            lines.append("set title \(gnuplotQuoted(panel.caption)) offset 0,-0.7 font ',8.5'")
            var parts: [String] = []
            for (kind, style) in Self.styles {
                let count = panel.points[kind]?.count ?? 0
                let rows = "skip 1 every ::\(first)::\(first + count - 1)"
                if count > 0 { parts.append("'\(name).csv' \(rows) using 4:5 \(style)") }
                first += count
            }
            lines.append(parts.isEmpty ? "set multiplot next" : "plot " + parts.joined(separator: ", \\\n    "))
        }
        return lines.joined(separator: "\n")
    }
}
