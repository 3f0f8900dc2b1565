import Basics
import Foundation
import PolicyFolders
import Safetensors
import Testing
import TestSupport

@testable import Study

/// The policies of a run, taken away.
@Suite struct PolicyStageTests {
    private static let quick = ["probes.names=[p01]", "rollouts.policies=[]"]

    private struct Answer: Decodable {
        struct Match: Decodable {
            var demonstration: String
            var frame: Int
            var similarity: Double
        }
        var action_sequences: [[[Float]]]
        var matches: [Match]?
        var out_of_distribution: Bool?
    }

    private func query(_ arguments: String...) throws -> Answer {
        let result = try BuiltProgram.run(["query"] + arguments, in: SharedData.root)
        try #require(result.status == 0, "\(result.error)")
        return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
    }

    @Test func `the folder answers what the run's policies answered, wherever it is copied`() throws {
        let study = try TinyStudy(), run = try study.run("results", Self.quick).path, data = try TinyStudy.dataset.get()
        let away = study.experiment.folder + "/away"
        try FileManager.default.copyItem(atPath: run + "/policy", toPath: away)
        try FileManager.default.removeItem(atPath: study.experiment.folder + "/results")

        for name in ["diffusion", "alt"] {
            let example = "\(away)/\(name)/example.safetensors", sequences = try Safetensors.read(example).tensor("answer/sequences")
            let answer = try query(away, "--policy", name, "--observation", example, "--samples", "\(sequences.shape[0])")
            #expect(answer.action_sequences.flatMap { $0.flatMap { $0 } } == sequences.values)
        }
        let few = try query(away, "--observation", data, "--demonstration", "demo_3", "--frame", "5", "--sampler", "ddim", "--workers", "1")
        let same = try query(away, "--observation", data, "--demonstration", "demo_3", "--frame", "5", "--sampler", "ddim", "--samples", "3")
        #expect(few.action_sequences[0] == same.action_sequences[0] && same.action_sequences[1] != same.action_sequences[0])
    }

    @Test func `the table's folder finds the rows that the run wrote down`() throws {
        let run = try TinyStudy.finished.get(), data = try TinyStudy.dataset.get()
        let matches = try CSVText.read(run + "/probes/alt_matches.csv")
        func cell(_ row: [String], _ column: String) throws -> String { try #require(matches.value(column, of: row)) }
        let rows = try matches.rows.filter { try cell($0, "condition") == "heldout" && cell($0, "rank") == "1" }.prefix(3)
        try #require(rows.count == 3)
        for row in rows {
            let answer = try query(
                run, "--policy", "alt", "--observation", data, "--demonstration", try cell(row, "demonstration"), "--frame", try cell(row, "frame"))
            let match = try #require(answer.matches?.first)
            #expect(try (match.demonstration, "\(match.frame)") == (cell(row, "matched_demonstration"), cell(row, "matched_frame")))
            #expect(try abs(match.similarity - (Double(cell(row, "similarity")) ?? .nan)) < 1e-6)
            #expect(try answer.out_of_distribution == (cell(row, "flagged") == "true"))
        }
    }

    @Test func `without cameras there is a diffusion policy and no table`() throws {
        let run = try TinyStudy().run("results", Self.quick + ["data.cameras=[]"]).path
        #expect(try FileSystem.everything(in: run + "/policy").sorted() == ["README.md", "diffusion", "load_diffusion.py", "load_lookup_table.py"])
    }

    @Test func `a file of the folder that was changed is written anew`() throws {
        let study = try TinyStudy(), run = try study.run("results", Self.quick).path, file = run + "/policy/diffusion/model.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try whole.prefix(100).write(to: URL(fileURLWithPath: file))
        try study.run("results", Self.quick)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == whole)
    }
}
