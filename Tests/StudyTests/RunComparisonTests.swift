import Basics
import Foundation
import Study
import Testing
import TestSupport

@Suite struct RunComparisonTests {
    private static let probes = "probes.names=[p01, p02, p03, p27]"
    /// A run, one under another rule, and their study.
    private static let pair: Result<(study: TinyStudy, first: String, second: String), any Error> = Result {
        let study = try TinyStudy()
        return try (study, study.run("results", [probes]).path, study.run("results", [probes, "rules.dcr_share=0.7"]).path)
    }

    /// Cells of a table of a page, by column.
    private func rows(_ page: RunsPage, _ table: String) throws -> [[String: String]] {
        let csv = try #require(page.tables.first { $0.name == table }).table.csv
        let content = try CSVText.parse(csv, name: table)
        return content.rows.map { Dictionary(uniqueKeysWithValues: zip(content.columns, $0)) }
    }

    @Test func `two runs differ in the settings that were changed, and by nothing where they measured the same`() throws {
        let (study, first, second) = try Self.pair.get()
        let page = try RunComparison([first, second]).page(all: false)
        #expect(try rows(page, "settings") == [["key": "rules.dcr_share", "run_1": "0.6", "run_2": "0.7"]])
        #expect(try rows(page, "claims").map { $0["claim"] } == (1...9).map { "C\($0)" })
        let paired = try rows(page, "paired")
        #expect(Set(paired.map { $0["number"] }) == ["s", "d1", "dcr_share", "open_loop_error", "success"])
        #expect(paired.allSatisfy { $0["difference"] == "0.0" && $0["run_1_value"] == $0["value"] })
        #expect(page.text.contains("rules.dcr_share") && page.text.contains("Paired differences"))
        let folder = study.experiment.folder + "/compared"
        #expect(try page.write("compare", to: folder) == folder + "/compare.html")
        for name in ["compare.html", "runs.csv", "settings.csv", "claims.csv", "endpoints.csv", "paired.csv"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"), "\(name)")
        }
    }

    /// By hand: one added to every error of one policy is a difference of one, without any spread between demonstrations.
    @Test func `a paired difference is the mean over shared demonstrations`() throws {
        let first = try Self.pair.get().first, second = first + "-changed"
        try FileManager.default.copyItem(atPath: first, toPath: second)
        let file = second + "/probes/p27_samples.csv", content = try CSVText.parse(String(contentsOfFile: file, encoding: .utf8), name: file)
        let (policy, error) = (try #require(content.columns.firstIndex(of: "policy")), try #require(content.columns.firstIndex(of: "error_over_d12")))
        let changed = content.rows.map { row -> [String] in
            var row = row
            if row[policy] == "alt" { row[error] = "\((Double(row[error]) ?? 0) + 1)" }
            return row
        }
        try ([content.columns] + changed).map(CSVText.line).joined().write(toFile: file, atomically: true, encoding: .utf8)
        let paired = try rows(RunComparison([first, second]).page(all: true), "paired").filter { $0["number"] == "open_loop_error" }
        #expect(paired.count > 2)
        for row in paired {
            for column in ["difference", "ci_low", "ci_high"] {
                let value = try #require(Double(row[column] ?? ""))
                #expect(abs(value - (row["policy"] == "alt" ? 1 : 0)) < 1e-9, "\(row)")
            }
        }
    }

    @Test func `a run named twice, one alone, and one without results are refused`() throws {
        let run = try Self.pair.get().first
        for (folders, word) in [([run], "two runs"), ([run, run + "/../" + (run as NSString).lastPathComponent], "twice")] {
            let failure = try #require(throws: Failure.self) { try RunComparison(folders) }
            #expect(failure.kind == .usage && failure.what.contains(word))
        }
        try FileManager.default.copyItem(atPath: run, toPath: run + "-empty")
        try FileManager.default.removeItem(atPath: run + "-empty/claims.csv")
        let failure = try #require(throws: Failure.self) { try RunComparison([run, run + "-empty"]) }
        #expect(failure.kind == .inputMissing)
    }

    @Test func `runs over seeds are one result: counted verdicts, and means with intervals over runs`() throws {
        let (study, first, _) = try Self.pair.get(), runs = try [first] + (1..<3).map { try study.run("results", [Self.probes, "seed=\($0)"]).path }
        let page = try RunPool(runs).page()
        for claim in try rows(page, "claims") {
            let counts = ["supported", "refuted", "undecided", "not_fitted", "not_asked"].compactMap { claim[$0].flatMap(Int.init) }
            #expect(counts.count == 5 && counts.reduce(0, +) == 3, "\(claim)")
        }
        let values = try runs.map { run -> Double in
            let summary = try CSVText.parse(String(contentsOfFile: run + "/summary.csv", encoding: .utf8), name: "summary.csv")
            let row = try #require(summary.rows.first { summary.value("endpoint", of: $0) == "p02_d1_median" && summary.value("policy", of: $0) == "alt" && summary.value("condition", of: $0) == "heldout" })
            return try #require(Double(summary.value("value", of: row) ?? ""))
        }
        let pooled = try #require(try rows(page, "endpoints").first { $0["endpoint"] == "p02_d1_median" && $0["policy"] == "alt" && $0["condition"] == "heldout" })
        #expect(pooled["n_runs"] == "3" && abs((Double(pooled["mean"] ?? "") ?? .nan) - values.reduce(0, +) / 3) < 1e-12)
        let levels = try rows(page, "two_levels")
        #expect(levels.contains { $0["number"] == "success" && $0["n_runs"] == "3" && $0["n_unit"] == "start" })
        #expect(levels.contains { $0["number"] == "dcr_share" && $0["n_unit"] == "demonstration" && Double($0["ci_low"] ?? "") != nil })
    }

    @Test func `runs of other settings or of one seed are not pooled`() throws {
        let (_, first, other) = try Self.pair.get()
        let failure = try #require(throws: Failure.self) { try RunPool([first, other]) }
        #expect(failure.kind == .usage && failure.found == "rules.dcr_share 0.7 in place of 0.6")
        try FileManager.default.copyItem(atPath: first, toPath: first + "-again")
        let repetition = try #require(throws: Failure.self) { try RunPool([first, first + "-again"]) }
        #expect(repetition.what.contains("same seed"))
    }
}
