import Basics
import Demonstrations
import Foundation
import Probes
import Runs
import Study
import TestSupport
import Testing

/// Demonstrations that some probe cannot answer from end no study; those that nothing can be learned from are refused before
/// anything is trained.
@Suite struct HostileDataTests {
    private enum Values { case own, equal, constant }

    /// Low-dim demonstrations of random walks, written as robomimic does.
    private func file(
        _ lengths: [Int], actions: Values = .own, observations: Values = .own, in folder: String
    ) throws -> String {
        func rows(_ kind: Values, _ name: String, _ demonstration: Int, _ length: Int, _ width: Int) -> [Double] {
            if kind == .constant { return [Double](repeating: 0.25, count: length * width) }
            var source = RandomSource(Seed(7) / name / (kind == .equal ? 0 : demonstration))
            var row = [Double](repeating: 0, count: width)
            return (0..<length).flatMap { _ in
                row = row.map { min(1, max(-1, $0 + 0.1 * source.normal())) }
                return row
            }
        }
        let episodes = lengths.enumerated().map { number, length in
            RecordedEpisode(
                length: length, actionDimension: 3, actions: rows(actions, "actions", number, length, 3), stateDimension: 1,
                states: [Double](repeating: 0, count: length), rewards: [Double](repeating: 0, count: length),
                dones: [Int64](repeating: 0, count: length),
                lowDim: [
                    "robot0_eef_pos": .init(width: 3, values: rows(observations, "position", number, length, 3)),
                    "robot0_eef_quat": .init(width: 4, values: rows(observations, "turn", number, length, 4)),
                    "robot0_gripper_qpos": .init(width: 2, values: rows(observations, "gripper", number, length, 2)),
                    "object": .init(width: 3, values: rows(observations, "object", number, length, 3)),
                ], cameras: [:])
        }
        let path = folder + "/hostile.hdf5"
        try RobomimicWriter.write(
            episodes, environment: #"{"env_name": "Lift", "type": 1, "env_kwargs": {}}"#, masks: [:], compress: false, to: path)
        return path
    }

    /// The cells of one column by those of another.
    private func cells(_ path: String, _ column: String, by key: String) throws -> [String: String] {
        let content = try CSVText.parse(try String(contentsOfFile: path, encoding: .utf8), name: path)
        let (place, keyPlace) = (content.columns.firstIndex(of: column) ?? 0, content.columns.firstIndex(of: key) ?? 0)
        return Dictionary(content.rows.map { ($0[keyPlace], $0[place]) }) { first, _ in first }
    }

    @Test func `with one query demonstration P05 is not asked, which is said before training, and C2 neither`() throws {
        let study = try TinyStudy(data: file([30, 32, 31, 30, 33], in: SharedData.temporaryFolder()))
        let overrides = ["state.sizes=[]"]
        try study.run("results", overrides)
        let run = try study.path("results", overrides)
        let asked = try cells(run + "/probes.csv", "asked", by: "probe"), reasons = try cells(run + "/probes.csv", "reason", by: "probe")
        #expect(asked.count == AllProbes.all.count && asked["p04"] == "true" && reasons["p04"] == "NA")
        #expect(asked["p05"] == "false" && reasons["p05"]?.contains("query demonstrations") == true)
        #expect(asked["p13"] == "false" && reasons["p13"] == "state.sizes is empty")
        #expect(try cells(run + "/claims.csv", "claim_verdict", by: "claim")["C2"] == "not asked")
        #expect(try String(contentsOfFile: run + "/claims.md", encoding: .utf8).contains("p05 was not asked: it fits on one half"))
        let said = study.said.all
        let warned = try #require(said.range(of: "p05 will not be asked")), trained = try #require(said.range(of: "train-diffusion"))
        #expect(warned.lowerBound < trained.lowerBound)
    }

    @Test func `where all demonstrations are equal no distance has a unit, and claims about memory are not asked`() throws {
        let data = try file([Int](repeating: 30, count: 8), actions: .equal, observations: .equal, in: SharedData.temporaryFolder())
        let study = try TinyStudy(data: data)
        try study.run()
        let run = try study.path("results")
        let asked = try cells(run + "/probes.csv", "asked", by: "probe")
        #expect(asked.filter { $0.value == "false" }.keys.sorted() == ["p01", "p06", "p07", "p09", "p16", "p18", "p19", "p21", "p22", "p25", "p27", "p28"])
        let verdicts = try cells(run + "/claims.csv", "claim_verdict", by: "claim")
        #expect(["C1", "C2", "C3", "C4", "C5", "C8"].allSatisfy { verdicts[$0] == "not asked" })
    }

    @Test func `a probe that probes.names leaves out is in the table, and its claim is not asked`() throws {
        let data = try file([Int](repeating: 30, count: 8), in: SharedData.temporaryFolder())
        let study = try TinyStudy(data: data), overrides = ["probes.names=[p01,p23]"]
        try study.run("results", overrides)
        let run = try study.path("results", overrides)
        let reasons = try cells(run + "/probes.csv", "reason", by: "probe")
        #expect(reasons.filter { $0.value == "not in probes.names" }.count == AllProbes.all.count - 2)
        #expect(try cells(run + "/claims.csv", "claim_verdict", by: "claim")["C3"] == "not asked")
    }

    @Test func `constant observations are said, and the study ends`() throws {
        let data = try file([Int](repeating: 30, count: 8), observations: .constant, in: SharedData.temporaryFolder())
        let study = try TinyStudy(data: data)
        try study.run()
        #expect(study.said.all.contains("every training step has the same observation"))
    }

    @Test func `constant actions are refused before training`() throws {
        let data = try file([Int](repeating: 30, count: 8), actions: .constant, in: SharedData.temporaryFolder())
        try expectRefusal(data, "the actions of the training demonstrations never change")
    }

    @Test func `a part without two demonstrations that are long enough for a window is refused before training`() throws {
        let data = try file([9, 5, 5, 5, 5, 5, 9, 9], in: SharedData.temporaryFolder())
        // Which of them are short differs from split to split: whatever part is first too small is named.
        let study = try TinyStudy(data: data)
        let failure = try #require(throws: Failure.self) { try study.run() }
        #expect(failure.kind == .data && failure.what.contains("long enough for a window"))
        #expect(!FileManager.default.fileExists(atPath: try study.path("results") + "/checkpoints/diffusion"))
    }

    private func expectRefusal(_ data: String, _ what: String) throws {
        let study = try TinyStudy(data: data)
        let failure = try #require(throws: Failure.self) { try study.run() }
        #expect(failure.kind == .data && failure.what == what)
        #expect(failure.location != nil && failure.expected != nil && failure.found != nil && failure.remedy != nil)
        #expect(!FileManager.default.fileExists(atPath: try study.path("results") + "/checkpoints/diffusion"))
    }
}
