import Basics
import Foundation
import Logging
import Plots
import Testing
import TestSupport

@Suite struct PointPanelsTests {
    private static let figure = PointPanels(
        name: "panels", title: "two rows\nof one",
        layers: [.init("way", .lines(width: 0.7), colour: "#c3dff0"), .init("dot", .points(size: 0.4), colour: "#3a3a3a")],
        panels: [
            .init(row: "star", column: "20", caption: "n = 20", points: [[[0, 0], [.nan, .nan], [1, 1]], [[0.5, 0.5]]]),
            .init(row: "ring", column: "20", caption: "n = 20, it's empty", points: [[], []]),
            .init(row: "line", column: "20", caption: "dots alone", points: [[], [[-1, 1], [1, -1]]]),
        ], columnCount: 1, limit: 1.7)

    @Test func `the data hold every layer of every panel, and NA interrupts a line`() {
        let lines = Self.figure.table.csv.split(separator: "\n")
        #expect(lines.count == 1 + 4 + 2)
        #expect(lines[0] == "row,column,kind,x,y")
        #expect(lines[2] == "star,20,way,NA,NA")
        #expect(lines[4] == "star,20,dot,0.5,0.5")
    }

    @Test func `every panel draws its own rows, one without points its frame alone`() {
        let script = Self.figure.script
        #expect(script.contains("every ::0::2 using 4:5 with lines lw 0.7 lc rgb '#c3dff0'"))
        #expect(script.contains("every ::3::3 using 4:5 with points pt 7 ps 0.4 lc rgb '#3a3a3a'"))
        #expect(script.contains("every ::4::5 using 4:5 with points"))
        #expect(script.contains("plot NaN notitle"))
        #expect(script.contains("set xrange [-1.7:1.7]"))
        #expect(script.contains("'n = 20, it''s empty'"))
    }

    @Test(.enabled(if: ExternalProgram("gnuplot") != nil, "needs gnuplot"))
    func `gnuplot draws it`() throws {
        let folder = try SharedData.temporaryFolder()
        try PlotWriter(folder: folder, log: Logger(label: "test")).write(Self.figure)
        #expect(try String(contentsOfFile: folder + "/panels.svg", encoding: .utf8).contains("dots alone"))
    }
}
