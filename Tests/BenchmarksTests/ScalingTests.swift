import Basics
import Benchmarks
import Foundation
import TestSupport
import Testing

@Suite struct ScalingTests {
    private func sweep(_ values: [(x: Double, ms: Double)], _ quantity: ScalingSweep.Quantity) -> ScalingSweep {
        ScalingSweep(
            name: "s", title: "t", xLabel: "x", quantity: quantity,
            points: values.map { ScalingSweep.Point(x: $0.x, label: "\($0.x)", timing: Timing(milliseconds: [$0.ms])) })
    }

    @Test func `times are compared with the line through the first two points`() {
        let sweep = sweep([(1, 12), (2, 14), (4, 18), (8, 52)], .milliseconds)
        #expect(sweep.line(at: 8) == 26)
        #expect(sweep.points.map { sweep.slowdown($0) } == [1, 1, 1, 2])
        #expect(sweep.departure?.x == 8)
    }

    @Test func `rates are compared with the first point's, times x`() {
        let sweep = sweep([(1, 100), (2, 50), (4, 40)], .runsPerSecond)
        #expect(sweep.line(at: 4) == 40)
        #expect(sweep.points.map { sweep.slowdown($0) } == [1, 1, 1.6])
        #expect(sweep.departure?.x == 4)
    }

    @Test func `one point has no line`() {
        #expect(sweep([(1, 12)], .milliseconds).departure == nil)
    }

    @Test func `every sweep is measured, written and drawn`() throws {
        let context = try BenchmarkTests.context(), folder = try SharedData.temporaryFolder()
        let report = try Scaling(sizes: .tiny, context: context, effort: .init(runs: 1, seconds: 0)).run()
        #expect(report.sweeps.map(\.points.count) == [3, 2, 2, 2, 2])
        let content = try CSVText.parse(report.table.csv, name: "scaling.csv")
        #expect(content.rows.count == 11)
        #expect(content.rows.allSatisfy { (content.value("ms", of: $0).flatMap(Double.init) ?? 0) > 0 })
        try report.draw(in: folder)
        for sweep in report.sweeps { #expect(FileManager.default.fileExists(atPath: "\(folder)/\(sweep.name).gp")) }
    }
}
