import Basics
import Foundation
import Runs
import Synchronization
import Testing
import TestSupport

@Suite struct RunSessionTests {
    /// Everything one run needs, with what it says kept.
    private struct Setting {
        let path: String
        let said = Said()
        let interruption = Interruption()

        init() throws { path = RunFolder.path(for: .fake, results: try SharedData.temporaryFolder()) }

        func run(_ stages: [FakeStage]) throws -> RunSession.Outcome {
            let said = said
            return try RunSession(
                try RunFolder(.fake, at: path), command: ["alt", "run"], program: .undisclosed,
                console: Console(isTerminal: false) { said.add($0) }, interruption: interruption
            ).run(stages)
        }
    }

    private final class Said: Sendable {
        private let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
        var all: String { text.withLock { $0 } }
    }

    @Test func `stages run in order once, then are skipped as unchanged`() throws {
        let setting = try Setting(), stages = [FakeStage("data"), FakeStage("train", after: "data")]
        #expect(try !setting.run(stages).wasFinished)
        #expect(try setting.run(stages).wasFinished)
        #expect(stages.map(\.runs) == [1, 1])
        #expect(setting.said.all.contains("stage 2 of 2, train: unchanged, skipped"))
        #expect(setting.said.all.contains("finished already"))
        #expect(try RunStatus.read(run: setting.path) == RunStatus(.done, exitCode: 0))
    }

    @Test func `a changed input runs its stage and those after it again`() throws {
        let setting = try Setting()
        let stages = [FakeStage("data"), FakeStage("train", after: "data"), FakeStage("other")]
        _ = try setting.run(stages)
        stages[0].change(input: "new")
        _ = try setting.run(stages)
        #expect(stages.map(\.runs) == [2, 2, 1])
        #expect(setting.said.all.contains("train again, changed: stage data"))
    }

    @Test func `a stage whose output was removed runs again`() throws {
        let setting = try Setting(), stage = FakeStage("data")
        _ = try setting.run([stage])
        try FileManager.default.removeItem(atPath: setting.path + "/probes/data.txt")
        _ = try setting.run([stage])
        #expect(stage.runs == 2)
    }

    @Test func `a failed stage ends the run with its code and is tried again`() throws {
        let setting = try Setting(), stages = [FakeStage("data"), FakeStage("train") { _ in throw Failure(.inputOutput, "disk full") }]
        let failure = try #require(throws: Failure.self) { try setting.run(stages + [FakeStage("report")]) }
        #expect(failure.kind == .inputOutput)
        #expect(try String(contentsOfFile: setting.path + "/log.txt", encoding: .utf8).contains("error disk full"))
        let status = try RunStatus.read(run: setting.path)
        #expect(status == RunStatus(.failed, stage: "train", exitCode: 74, message: "disk full", details: "disk full"))
        _ = try setting.run([stages[0], FakeStage("train")])
        #expect(stages[0].runs == 1)
        let provenance = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: setting.path + "/provenance.json")))
        let attempts = (provenance as? [String: Any])?["attempts"] as? [[String: Any]]
        #expect(attempts?.map { $0["exit_status"] as? Int } == [74, 0])
    }

    @Test func `an error nobody foresaw counts as a defect`() throws {
        struct Unforeseen: Error {}
        let setting = try Setting()
        let failure = try #require(throws: Failure.self) { try setting.run([FakeStage("data") { _ in throw Unforeseen() }]) }
        #expect(failure.kind == .defect)
    }

    @Test func `an interruption ends the run as resumable`() throws {
        let setting = try Setting(), interruption = setting.interruption
        let stage = FakeStage("train") { run in
            interruption.request(signal: SIGTERM)
            try run.interruption.check()
        }
        let failure = try #require(throws: Failure.self) { try setting.run([stage]) }
        #expect(failure.kind == .interrupted)
        #expect(try RunStatus.read(run: setting.path).state == .interrupted)
        #expect(try RunStatus.read(run: setting.path).exitCode == 75)
    }
}
