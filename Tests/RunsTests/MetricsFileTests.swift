import Basics
import Foundation
import Runs
import Testing
import TestSupport

@Suite struct MetricsFileTests {
    private func row(_ step: Int, _ value: Double) -> MetricsFile.Row { MetricsFile.Row(stage: "train", step: step, metric: "loss", value: value) }

    @Test func `rows are appended below what is there, and replaced whole`() throws {
        let path = try SharedData.temporaryFolder() + "/metrics.csv", metrics = MetricsFile(path)
        try metrics.replace(with: [row(1, 0.5)])
        try metrics.append([row(2, 0.25), row(3, 1e-4)])
        let text = "stage,step,metric,value\ntrain,1,loss,0.5\ntrain,2,loss,0.25\ntrain,3,loss,0.0001\n"
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        try metrics.replace(with: [row(1, 0.5)])
        try metrics.append([row(2, 0.75)])
        #expect(try MetricsFile.read(path).map(\.value) == [0.5, 0.75])
    }
}
