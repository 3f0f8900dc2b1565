import Basics
import Foundation
import Runs
import Study
import Testing
import TestSupport

/// The promise that results depend on configuration, seed and data alone.
@Suite struct DeterminismTests {
    /// The files that must be equal byte for byte; what was measured with a clock is left out.
    private func results(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/probes") where name != "p23_cost.csv" {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/probes/\(name)"))
        }
        for name in [
            "metrics.csv", "split.csv", "rollouts.csv", "alt/calibration.csv", "alt/variants.csv", "checkpoints/diffusion/last/model.safetensors",
            "checkpoints/alt/last/model.safetensors", "alt/table.safetensors", "generated/cat.safetensors",
            "policy/diffusion/config.json", "policy/diffusion/model.safetensors", "policy/diffusion/example.safetensors",
            "policy/alt/model.safetensors", "policy/alt/table.safetensors", "policy/alt/example.safetensors",
        ] {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        let summary = try String(contentsOfFile: folder + "/summary.csv", encoding: .utf8)
        files["summary.csv"] = Data(summary.split(separator: "\n").filter { !$0.contains("p23_latency") }.joined(separator: "\n").utf8)
        return files
    }

    private func expectEqual(_ first: [String: Data], _ second: [String: Data]) {
        #expect(first.keys.sorted() == second.keys.sorted())
        #expect(first.keys.filter { first[$0] != second[$0] }.sorted() == [])
    }

    /// Asks for a stop as soon as a path exists.
    private func stop(_ interruption: Interruption, when path: String) {
        Thread.detachNewThread {
            for _ in 0..<20_000 where !interruption.requested {
                if FileManager.default.fileExists(atPath: path) { interruption.request(signal: SIGTERM) }
                usleep(1000)
            }
        }
    }

    @Test func `one worker, two workers, and a run stopped and damaged half-way end with the same bytes`() throws {
        let study = try TinyStudy(), everyPolicy = ["flow_matching.images=true", "action_chunking.images=true"]
        try study.run("one", everyPolicy + ["workers=1"])
        let expected = try results(study.path("one", everyPolicy))
        #expect(try String(decoding: FileSystem.read(study.path("one", everyPolicy) + "/summary.csv"), as: UTF8.self).contains(",action_chunking,"))
        try study.run("two", everyPolicy + ["workers=2"])
        expectEqual(expected, try results(study.path("two", everyPolicy)))

        let path = try study.path("stopped", everyPolicy), interruption = Interruption()
        stop(interruption, when: path + "/checkpoints/diffusion/000040/state.json")
        let failure = try #require(throws: Failure.self) { try study.run("stopped", everyPolicy, interruption: interruption) }
        #expect(failure.kind == .interrupted)
        #expect(try RunStatus.read(run: path).exitCode == 75)
        // What a crash and a failing disk may leave behind, in the store to which the link leads.
        let newest = path + "/checkpoints/diffusion/last/model.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: newest))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: newest))
        try FileManager.default.createDirectory(
            atPath: path + "/checkpoints/diffusion/000060.partial", withIntermediateDirectories: true)
        let metrics = try #require(FileHandle(forWritingAtPath: path + "/metrics.csv"))
        try metrics.seekToEnd()
        try metrics.write(contentsOf: Data("diffusion,9999,loss,0.5\ndiffusion,10000,lo".utf8))
        try metrics.close()
        try study.run("stopped", everyPolicy)
        #expect(study.said.all.contains("is damaged and set aside"))
        #expect(study.said.all.contains("going on from step"))
        expectEqual(expected, try results(path))
    }

    @Test func `a stop between stages and between queries keeps what was done`() throws {
        let study = try TinyStudy(), few = ["probes.names=[p01, p02, p08, p19]"]
        try study.run("whole", few)
        for (results, sign) in [("embed", "/stages/train-alt.json"), ("query", "/generated/heldout.safetensors"), ("probe", "/stages/query.json")] {
            let path = try study.path(results, few), interruption = Interruption()
            stop(interruption, when: path + sign)
            let failure = try #require(throws: Failure.self) { try study.run(results, few, interruption: interruption) }
            #expect(failure.kind == .interrupted)
            try study.run(results, few)
            expectEqual(try self.results(study.path("whole", few)), try self.results(path))
        }
    }

    @Test func `a finished run does nothing again, and writes again what was removed`() throws {
        let study = try TinyStudy(), few = ["probes.names=[p00, p01, p19]"]
        #expect(try !study.run("results", few).wasFinished)
        #expect(try study.run("results", few).wasFinished)
        let picture = try study.path("results", few) + "/plots/p00_d12.csv"
        try FileManager.default.removeItem(atPath: picture)
        #expect(try !study.run("results", few).wasFinished)
        #expect(FileManager.default.fileExists(atPath: picture))
    }

    @Test(arguments: [["data.cameras=[]"], ["data.cameras=[agentview_image]"], ["diffusion.encoder.variant=resnet18", "diffusion.encoder.channels=[4,4,4]", "image.crop=32"]])
    func `a study runs without cameras, with one, and with the other encoder`(overrides: [String]) throws {
        let study = try TinyStudy()
        try study.run("results", overrides + ["diffusion.training.steps=2", "diffusion.training.audited_steps=[]", "probes.names=[p01, p02, p23]"])
        let path = try study.path("results", overrides + ["diffusion.training.steps=2", "diffusion.training.audited_steps=[]", "probes.names=[p01, p02, p23]"])
        let headline = try SummaryHeadline(run: path)
        #expect(headline.text.contains("diffusion_ddim"))
        #expect(headline.text.contains("alt") == (overrides != ["data.cameras=[]"]))
    }

    @Test func `a run says which keys it observed, and names demonstrations as the file does`() throws {
        let study = try TinyStudy(), overrides = ["diffusion.training.steps=2", "diffusion.training.audited_steps=[]", "probes.names=[p00, p01, p02]"]
        let run = try study.run("results", overrides).path
        let settings = try ExperimentFile.load(run + "/config.yaml").settings
        #expect(settings.data.cameras == ["agentview_image", "robot0_eye_in_hand_image"])
        #expect(settings.data.lowDim == ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"])
        #expect(settings.state.lowDim == ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos", "object"])
        // The same keys, named, are the same run.
        #expect(try study.run("results", overrides + ["data.cameras=[agentview_image, robot0_eye_in_hand_image]"]).wasFinished)
        for (file, column) in [
            ("split.csv", "demonstration"), ("probes/p00_lengths.csv", "demonstration"), ("probes/p01_samples.csv", "recalled_demonstration"),
            ("probes/p02_samples.csv", "nearest_demonstration"), ("probes/alt_matches.csv", "matched_demonstration"), ("alt/calibration.csv", "demonstration"),
        ] {
            let table = try CSVText.parse(String(contentsOfFile: "\(run)/\(file)", encoding: .utf8), name: file)
            let name = try #require(table.columns.firstIndex(of: column)), position = try #require(table.columns.firstIndex(of: column + "_position"))
            #expect(!table.rows.isEmpty && table.rows.allSatisfy { $0[name] == "demo_" + $0[position] }, "\(file)")
        }
    }

    /// pandas' default list of texts that it reads as missing, but for NA, which means it here.
    private static let missing: Set = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NULL", "NaN", "None", "n/a", "nan",
        "null",
    ]

    @Test func `every table of a run reads in other programs as it was meant`() throws {
        let run = try TinyStudy.finished.get()
        let tables = try FileManager.default.subpathsOfDirectory(atPath: run).filter { $0.hasSuffix(".csv") }
        #expect(tables.count > 80)
        for file in tables {
            let table = try CSVText.parse(String(contentsOfFile: "\(run)/\(file)", encoding: .utf8), name: file)
            #expect(Set(table.columns).count == table.columns.count, "\(file): \(table.columns)")
            let cells = Set(table.rows.joined())
            #expect(cells.isDisjoint(with: Self.missing), "\(file): \(cells.intersection(Self.missing))")
            #expect(cells.allSatisfy { !["inf", "-inf", "-0.0"].contains($0.lowercased()) }, "\(file)")
        }
        for (column, text) in [("value", "summary.csv"), ("value", "claims.csv"), ("step", "probes/p06_scenes.csv")] {
            let table = try CSVText.parse(String(contentsOfFile: "\(run)/\(text)", encoding: .utf8), name: text)
            let place = try #require(table.columns.firstIndex(of: column))
            #expect(table.rows.compactMap { Double($0[place]) }.allSatisfy { $0 == 0 || $0.magnitude >= 1e-12 })
        }
    }
}
