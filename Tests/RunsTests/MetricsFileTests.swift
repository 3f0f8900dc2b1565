import Basics
import Foundation
import Runs
import Testing
import TestSupport

@Suite struct MetricsFileTests {
    private func content(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `rows are appended below one header`() throws {
        let path = try SharedData.temporaryFolder() + "/metrics.csv"
        try MetricsFile(path).append(stage: "train", step: 1, [("loss", 0.5), ("rate", 1e-4)])
        try MetricsFile(path).append(stage: "train", step: 2, [("loss", 0.25)])
        #expect(try content(path) == "stage,step,metric,value\ntrain,1,loss,0.5\ntrain,1,rate,0.0001\ntrain,2,loss,0.25\n")
    }

    @Test func `a torn last line is dropped`() throws {
        let path = try SharedData.temporaryFolder() + "/metrics.csv"
        for torn in ["stage,step,metric,value\ntrain,1,loss,0.5\ntrain,2,lo", "stage,st"] {
            try Data(torn.utf8).write(to: URL(fileURLWithPath: path))
            try MetricsFile(path).append(stage: "train", step: 2, [("loss", 0.25)])
            let lines = try content(path).split(separator: "\n")
            #expect(lines.first == "stage,step,metric,value")
            #expect(lines.last == "train,2,loss,0.25")
            #expect(lines.allSatisfy { $0.split(separator: ",").count == 4 })
        }
    }

    @Test func `a resumed stage drops its later rows and no others`() throws {
        let path = try SharedData.temporaryFolder() + "/metrics.csv"
        let metrics = try MetricsFile(path)
        for step in [100, 200, 300] { try metrics.append(stage: "a", step: step, [("loss", 1)]) }
        try metrics.append(stage: "b", step: 300, [("loss", 2)])
        try metrics.dropRows(of: "a", after: 200)
        try metrics.append(stage: "a", step: 300, [("loss", 3)])
        #expect(try content(path) == "stage,step,metric,value\na,100,loss,1.0\na,200,loss,1.0\nb,300,loss,2.0\na,300,loss,3.0\n")
    }
}
