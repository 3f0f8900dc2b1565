import Basics
import Foundation
import Logging
import Plots
import Testing
import TestSupport

@Suite struct SequenceSheetTests {
    /// 8 x 4 green pixels.
    private static let picture = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAFElEQVR4nGNkWGDDgA0wYRUlSwIAVfAA5Eg6uEQAAAAASUVORK5CYII="

    private static func tiles(rows: Int, columns: Int) throws -> PictureTiles {
        PictureTiles(png: try #require(Data(base64Encoded: picture)), width: 8, height: 4, columns: columns, rows: rows)
    }

    private static func sheet(recalled: [Float] = [0, 1, 0.5, -1]) throws -> SequenceSheet {
        SequenceSheet(
            name: "cat_alt", title: "ALT, cats, drawn", dimensions: ["dx", "grip"],
            rows: (0..<2).map { .init(labels: ["pose demo_3 : 12", "recalled demo_1 : \($0)"], generated: [0, 1, 0.5, 1], recalled: recalled, demonstrated: [0, 0, 0, 0]) },
            tiles: try tiles(rows: 2, columns: 4), queryTiles: 2, recalledLabel: "recalled training sequence")
    }

    @Test func `the data hold every value of the three sequences of a row`() throws {
        let lines = try Self.sheet().table.csv.split(separator: "\n")
        #expect(lines.count == 1 + 2 * 3 * 4 && lines[0] == "row,sequence,dimension,step,value")
        #expect(lines.contains("1,recalled,grip,1,-1.0") && lines.contains("0,generated,dx,1,0.5") && lines.contains("0,demonstrated,dx,0,0.0"))
    }

    @Test func `each panel draws recalled, demonstrated and generated values of its dimension, in this order`() throws {
        let script = try Self.sheet().script
        // Row 0: recalled dx 0-1, grip 2-3, demonstrated 4-7, generated 8-11.
        let panel = try #require(script.range(of: "every ::2::3 using 4:5 with lines lw 4")), rest = script[panel.upperBound...]
        let dashed = try #require(rest.range(of: "every ::6::7 using 4:5 with lines lw 1 dt 2"))
        #expect(rest[dashed.upperBound...].contains("every ::10::11 using 4:5 with lines lw 1.3"))
        for needed in ["'control step; actions in normalised units", "'demonstrator, same pose'", "'recalled training sequence'", "'ALT, cats, drawn'", "'pose demo_3 : 12'"] {
            #expect(script.contains(needed), "\(needed)")
        }
    }

    @Test(.enabled(if: ExternalProgram("gnuplot") != nil, "needs gnuplot"))
    func `gnuplot draws sheets and filmstrips with their pictures inside`() throws {
        let folder = try SharedData.temporaryFolder()
        let strip = Filmstrip(name: "rollout", title: "an episode", tiles: try Self.tiles(rows: 2, columns: 3), steps: [0, 8, 16])
        for figure in [try Self.sheet(), strip] as [any Figure] {
            try PlotWriter(folder: folder, log: Logger(label: "test")).write(figure)
            let files = Set(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(figure.name + ".") })
            #expect(files == Set(["csv", "gp", "svg", "pdf", "png", "tiles.png"].map { "\(figure.name).\($0)" }))
            let drawing = try String(contentsOfFile: "\(folder)/\(figure.name).svg", encoding: .utf8)
            #expect(drawing.contains("data:image/png;base64") && drawing.contains(figure.title))
        }
        #expect(strip.table.csv == "moment,step\n0,0\n1,8\n2,16\n")
    }
}
