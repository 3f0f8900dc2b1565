import Basics
import Foundation

/// Moments of an episode from its start to its end, a row for each camera, with the control step of each below.
public struct Filmstrip: Figure {
    public var name: String
    public var title: String
    /// A row a camera, a column a moment.
    public var tiles: PictureTiles
    /// Control steps of the moments.
    public var steps: [Int]

    public init(name: String, title: String, tiles: PictureTiles, steps: [Int]) {
        precondition(tiles.columns == steps.count, "\(tiles.columns) columns for \(steps.count) moments")
        self.name = name
        self.title = title
        self.tiles = tiles
        self.steps = steps
    }

    public var isEmpty: Bool { steps.isEmpty }
    public var attachments: [(name: String, content: Data)] { [("\(name).tiles.png", tiles.png)] }

    public var table: Table {
        var table = Table(columns: ["moment", "step"])
        for (moment, step) in steps.enumerated() { table.append([.integer(moment), .integer(step)]) }
        return table
    }

    public var script: String {
        // As high as wide, each of them.
        let width = PaperSize.page, column = min(1.6, (width - 0.2) / Double(steps.count)), top = 0.55, bottom = 0.75
        let height = column * Double(tiles.rows), size = PaperSize(width: width, height: top + height + bottom), canvas = Canvas(size: size)
        var commands = [
            "set multiplot", "unset key", canvas.label(1, title, x: size.width / 2, y: size.height - 0.12 - PaperSize.line / 2, "center font ',7.5'"),
            canvas.label(2, "control step", x: size.width / 2, y: 0.18, "center"),
        ]
        for (moment, step) in steps.enumerated() {
            commands.append(canvas.label(10 + moment, "\(step)", x: 0.1 + (Double(moment) + 0.5) * column, y: bottom - 0.2, "center"))
        }
        commands.append(
            tiles.commands(
                "\(name).tiles.png",
                canvas.margins(left: 0.1, right: 0.1 + column * Double(steps.count), top: bottom + height, bottom: bottom)))
        commands.append("unset multiplot")
        return "# gnuplot \(name).gp draws \(name).svg, \(name).pdf and \(name).png from \(name).csv and \(name).tiles.png\n"
            + size.script(name, body: commands.joined(separator: "\n"))
    }
}
