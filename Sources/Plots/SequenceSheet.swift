import Basics
import Foundation

/// Rows of what a policy was shown beside what it recalled, and its action sequence over time, a panel for each dimension: thin and
/// coloured what it answered, wide and pale what it recalled, dashed what the demonstrator did. Equal sequences show as a pale line
/// with a coloured core.
public struct SequenceSheet: Figure {
    public struct Row: Sendable {
        /// Short lines beside the images.
        public var labels: [String]
        /// Action sequences [T, A], by `SequenceSheet.Kind`.
        public var generated, recalled, demonstrated: [Float]

        public init(labels: [String], generated: [Float], recalled: [Float], demonstrated: [Float]) {
            self.labels = labels
            self.generated = generated
            self.recalled = recalled
            self.demonstrated = demonstrated
        }
    }

    private enum Kind: String, CaseIterable {
        case recalled, demonstrated, generated

        func values(_ row: Row) -> [Float] {
            switch self {
            case .recalled: row.recalled
            case .demonstrated: row.demonstrated
            case .generated: row.generated
            }
        }

        var style: String {
            switch self {
            case .recalled: "lw 4 lc rgb '#9fc9e8'"
            case .demonstrated: "lw 1 dt 2 lc rgb '#000000'"
            case .generated: "lw 1.3 lc rgb '#D55E00'"
            }
        }
    }

    public var name: String
    public var title: String
    /// Of the actions, one a panel; as many as an action has values.
    public var dimensions: [String]
    public var rows: [Row]
    /// All images: a tile a camera, first what was shown, then what was recalled, row after row below each other.
    public var tiles: PictureTiles
    /// Tiles of each row that show the query; the others show what was recalled.
    public var queryTiles: Int
    /// What was recalled, in the key: "nearest training sequence".
    public var recalledLabel: String

    public init(
        name: String, title: String, dimensions: [String], rows: [Row], tiles: PictureTiles, queryTiles: Int, recalledLabel: String
    ) {
        for row in rows {
            precondition(
                row.generated.count == row.recalled.count && row.generated.count == row.demonstrated.count
                    && row.generated.count % dimensions.count == 0,
                "sequences of \(row.generated.count), \(row.recalled.count) and \(row.demonstrated.count) values for \(dimensions.count) dimensions")
        }
        self.name = name
        self.title = title
        self.dimensions = dimensions
        self.rows = rows
        self.tiles = tiles
        self.queryTiles = queryTiles
        self.recalledLabel = recalledLabel
    }

    public var isEmpty: Bool { rows.isEmpty }
    public var attachments: [(name: String, content: Data)] { [("\(name).tiles.png", tiles.png)] }

    /// Row, kind of sequence, dimension, step, value in normalised units.
    public var table: Table {
        var table = Table(columns: ["row", "sequence", "dimension", "step", "value"])
        for (number, row) in rows.enumerated() {
            for kind in Kind.allCases {
                let values = kind.values(row)
                for (dimension, label) in dimensions.enumerated() {
                    for (step, place) in stride(from: dimension, to: values.count, by: dimensions.count).enumerated() {
                        table.append([.integer(number), .text(kind.rawValue), .text(label), .integer(step), Table.Cell(values[place])])
                    }
                }
            }
        }
        return table
    }

    private static let labels = 2.35, header = 0.95, footer = 0.85
    /// Between columns, and twice as much between rows.
    private static let gap = 0.12
    /// Of an image or a panel, in a figure of two cameras and seven dimensions.
    private static let widest = 1.12
    /// Between tiles, as shares of a tile's side.
    public static let columnGap = gap / widest, rowGap = 2 * gap / widest

    public var script: String {
        let width = PaperSize.page, panels = Double(dimensions.count), columns = Double(tiles.columns)
        // Images and panels share what the labels leave; more of them make all of them smaller, gaps included.
        let scale = min(1, (width - Self.labels - 0.75) / ((columns + panels) * (Self.widest + Self.gap)))
        let unit = Self.widest * scale, gap = Self.gap * scale, step = unit + 2 * gap
        let size = PaperSize(width: width, height: Self.header + Double(rows.count) * step + Self.footer)
        return """
            # gnuplot \(name).gp draws \(name).svg, \(name).pdf and \(name).png from \(name).csv and \(name).tiles.png
            set datafile separator ','
            set datafile missing 'NA'
            unset key

            """ + size.script(name, body: body(size, unit: unit, gap: gap, step: step))
    }

    private func body(_ size: PaperSize, unit: Double, gap: Double, step: Double) -> String {
        let canvas = Canvas(size: size), middle = PaperSize.line / 2
        let imagesLeft = Self.labels, imagesWidth = Double(tiles.columns) * (unit + gap) - gap
        let panelsLeft = imagesLeft + imagesWidth + 0.75
        func top(_ row: Int) -> Double { size.height - Self.header - Double(row) * step - gap }
        var commands = [
            "set multiplot", canvas.label(1, title, x: size.width / 2, y: size.height - 0.12 - middle, "center font ',7.5'"),
            canvas.label(2, "query", x: imagesLeft, y: size.height - Self.header + middle, "left"),
            canvas.label(3, "recalled", x: imagesLeft + Double(queryTiles) * (unit + gap), y: size.height - Self.header + middle, "left tc rgb '#0072B2'"),
        ]
        for (dimension, label) in dimensions.enumerated() {
            let left = panelsLeft + Double(dimension) * (unit + gap)
            commands.append(canvas.label(10 + dimension, label, x: left + unit / 2, y: size.height - Self.header + middle, "center"))
        }
        for (number, row) in rows.enumerated() {
            for (line, text) in row.labels.enumerated() {
                commands.append(
                    canvas.label(
                        100 + 20 * number + line, text, x: 0.1, y: top(number) - middle - Double(line) * 0.28, "left font ',5.5'"))
            }
        }
        let panelsMiddle = panelsLeft + (Double(dimensions.count) * (unit + gap) - gap) / 2
        commands.append(canvas.label(4, "control step; actions in normalised units, -1 to 1", x: panelsMiddle, y: 0.48, "center"))
        for (place, (kind, text)) in [(Kind.generated, "generated"), (.recalled, recalledLabel), (.demonstrated, "demonstrator, same pose")].enumerated() {
            let left = 0.15 + Double(place) * 4.6
            commands.append("set arrow \(place + 1) from screen \(canvas.x(left)), screen \(canvas.y(0.15)) to screen \(canvas.x(left + 0.6)), screen \(canvas.y(0.15)) nohead \(kind.style)")
            commands.append(canvas.label(5 + place, text, x: left + 0.7, y: 0.15, "left"))
        }
        commands.append(
            tiles.commands(
                "\(name).tiles.png",
                canvas.margins(left: imagesLeft, right: imagesLeft + imagesWidth, top: top(0), bottom: top(rows.count - 1) - unit)))
        // Drawn once, with the images.
        commands += ["unset label", "unset arrow"]
        let horizon = (rows.first?.generated.count ?? 0) / dimensions.count
        var first = 0
        commands += [
            "set border 15 lw 0.5 lc rgb '#9a9a9a'", "set xrange [-0.5:\(Double(horizon) - 0.5)]", "set yrange [-1.15:1.15]",
            "set grid ytics lt 1 lw 0.4 lc rgb '#e4e4e4'",
        ]
        for number in rows.indices {
            var ranges: [Kind: Int] = [:]
            for kind in Kind.allCases {
                ranges[kind] = first
                first += horizon * dimensions.count
            }
            let isLast = number == rows.count - 1
            for dimension in dimensions.indices {
                let left = panelsLeft + Double(dimension) * (unit + gap)
                commands += canvas.margins(left: left, right: left + unit, top: top(number), bottom: top(number) - unit)
                commands.append("set xtics (\(isLast ? "0, \(horizon / 2)" : "'' 0, '' \(horizon / 2)")) scale 0.3 nomirror out offset 0,0.4 font ',6'")
                commands.append("set ytics (\(dimension == 0 ? "-1, 0, 1" : "'' -1, '' 0, '' 1")) scale 0.3 nomirror out offset 0.5,0 font ',6'")
                let lines = Kind.allCases.map { kind in
                    let start = (ranges[kind] ?? 0) + dimension * horizon
                    return "'\(name).csv' skip 1 every ::\(start)::\(start + horizon - 1) using 4:5 with lines \(kind.style)"
                }
                commands.append("plot " + lines.joined(separator: ", \\\n    "))
            }
        }
        return (commands + ["unset multiplot"]).joined(separator: "\n")
    }
}

/// Pictures of one size in columns and rows, as one image with white between them.
public struct PictureTiles: Sendable {
    /// The whole, as a PNG file, and its size in pixels.
    public var png: Data
    public var width, height: Int
    public var columns: Int
    public var rows: Int

    public init(png: Data, width: Int, height: Int, columns: Int, rows: Int) {
        self.png = png
        self.width = width
        self.height = height
        self.columns = columns
        self.rows = rows
    }

    /// Draws the file over the place that the margins leave.
    func commands(_ file: String, _ margins: [String]) -> String {
        (margins + [
            "unset border", "unset xtics", "unset ytics", "unset grid", "set xrange [-0.5:\(Double(width) - 0.5)]",
            "set yrange [-0.5:\(Double(height) - 0.5)]",
            "plot '\(file)' binary filetype=png with rgbimage notitle",
        ]).joined(separator: "\n")
    }
}

/// Lengths on a figure's paper as gnuplot's screen coordinates.
struct Canvas {
    let size: PaperSize

    func x(_ length: Double) -> String { PaperSize.shown(length / size.width) }
    func y(_ length: Double) -> String { PaperSize.shown(length / size.height) }

    func label(_ number: Int, _ text: String, x: Double, y: Double, _ options: String) -> String {
        "set label \(number) \(gnuplotQuoted(text)) at screen \(self.x(x)), screen \(self.y(y)) \(options)"
    }

    func margins(left: Double, right: Double, top: Double, bottom: Double) -> [String] {
        [
            "set lmargin at screen \(x(left))", "set rmargin at screen \(x(right))", "set tmargin at screen \(y(top))",
            "set bmargin at screen \(y(bottom))",
        ]
    }
}
