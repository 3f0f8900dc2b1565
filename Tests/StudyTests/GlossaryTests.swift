import Basics
import Foundation
import Probes
import Study
import Testing
import TestSupport

@Suite struct GlossaryTests {
    @Test func `the glossary that comes with the project is what the code says`() throws {
        let file = try String(contentsOfFile: "\(SharedData.root)/results/GLOSSARY.md", encoding: .utf8)
        #expect(file == Glossary().markdown, "run `alt glossary > results/GLOSSARY.md`")
    }

    @Test func `every endpoint, condition and verdict of a run has its line`() throws {
        let run = try TinyStudy.finished.get(), text = Glossary().markdown
        let summary = try CSVText.parse(String(contentsOfFile: run + "/summary.csv", encoding: .utf8), name: "summary.csv")
        func distinct(_ column: String) throws -> Set<String> {
            let place = try #require(summary.columns.firstIndex(of: column))
            return Set(summary.rows.map { $0[place] })
        }
        for endpoint in try distinct("endpoint") { #expect(AllProbes.endpoint(endpoint) != nil, "\(endpoint)") }
        for condition in try distinct("condition") { #expect(Condition(condition).meaning != nil, "\(condition)") }
        for verdict in try distinct("verdict") { #expect(text.contains("| \(verdict) |"), "\(verdict)") }
        // What a value is measured in stands beside what its units are.
        #expect(try distinct("unit").contains("share of sequences") && distinct("n_unit").contains("demonstration"))
        let page = try String(contentsOfFile: run + "/claims.md", encoding: .utf8)
        for needed in ["| study | tiny, configuration", "SHA-256", "| program |", "Why: ", "Rule: supported: ", "](plots/p03_dcr_share.svg)"] {
            #expect(page.contains(needed), "\(needed)")
        }
        #expect(!page.contains("| diffusion_ddpm |") && page.contains("| diffusion policy, DDPM-4 | held-out |"))
    }

    @Test func `members of a family of endpoints are titled by what they are about`() {
        #expect(AllProbes.endpoint("p13_dcr_share_n8")?.title == "DCR share at 8 demonstrations")
        #expect(AllProbes.endpoint("p23_latency_over_diffusion_ddpm")?.title == "time over that of diffusion ddpm")
        #expect(AllProbes.endpoint("p99_nothing") == nil)
    }
}
