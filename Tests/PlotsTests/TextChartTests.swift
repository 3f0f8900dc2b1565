import Plots
import Testing

@Suite struct TextChartTests {
    @Test func `a curve that falls goes from the upper left to the lower right`() throws {
        let falling = TextChart.Curve("loss", "o", (0...9).map { Plot.Point(x: Double($0), y: 10 - Double($0)) })
        let lines = TextChart([falling], isLogarithmic: false).lines(width: 21, height: 12)
        #expect(lines.count == 12 && lines.allSatisfy { $0.count <= 21 })
        #expect(lines[0] == "       10 |o         " && lines[9] == "        1 |         o")
        #expect(lines[10] == "           0        9" && lines[11].contains("o loss"))
    }

    @Test func `what has no logarithm is left out, and without points it is said`() {
        let curve = TextChart.Curve("loss", "o", [Plot.Point(x: 0, y: 0), Plot.Point(x: 1, y: .nan), Plot.Point(x: 2, y: -1)])
        #expect(TextChart([curve], isLogarithmic: true).lines(width: 40, height: 10) == ["nothing measured yet"])
    }
}
