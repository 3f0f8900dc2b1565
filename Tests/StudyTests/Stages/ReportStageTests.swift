import Basics
import Foundation
import Testing
import TestSupport

@testable import Study

@Suite struct ReportStageTests {
    @Test func `a figure of other names is drawn no more, and does not stay`() throws {
        let study = try TinyStudy(), changes = ["probes.names=[p01, p02]"], run = try study.run("results", changes).path
        for stale in ["plots/p99_old.png", "sheets/old_alt.png"] { try Data().write(to: URL(fileURLWithPath: "\(run)/\(stale)")) }
        try FileManager.default.removeItem(atPath: run + "/plots/p02_s_median.csv")
        try study.run("results", changes)
        for stale in ["plots/p99_old.png", "sheets/old_alt.png"] { #expect(!FileManager.default.fileExists(atPath: "\(run)/\(stale)")) }
        #expect(FileManager.default.fileExists(atPath: run + "/plots/p02_s_median.csv"))
    }

    @Test func `figures left as data and scripts are drawn by the same run with pictures`() throws {
        let study = try TinyStudy(), changes = ["probes.names=[p01, p02]", "rollouts.filmstrips=0"], run = try study.run("results", changes).path
        func pictures() throws -> [String] {
            try ["plots", "sheets"].flatMap { try FileManager.default.contentsOfDirectory(atPath: "\(run)/\($0)") }
                .filter { name in [".svg", ".pdf"].contains { name.hasSuffix($0) } }
        }
        #expect(try pictures().isEmpty)
        #expect(FileManager.default.fileExists(atPath: run + "/plots/p02_s_median.gp"))
        #expect(try study.run("results", changes).wasFinished)
        guard ExternalProgram("gnuplot") != nil else { return }
        #expect(try !study.run("results", changes, pictures: true).wasFinished)
        #expect(try pictures().count > 10)
        #expect(try study.run("results", changes, pictures: true).wasFinished)
    }
}
