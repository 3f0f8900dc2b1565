import Basics
import Foundation
import Runs
import Safetensors
import Synchronization
import Testing
import TestSupport
import Training

@testable import Policies

@Suite struct TrainingLoopTests {
    /// Counts; its only weight is the sum of the steps taken.
    private final class Counting: Trainer {
        let name = "counting"
        let totalSteps = 50
        private(set) var step = 0
        private(set) var sum: Float = 0
        /// Called after every step.
        private let after: (Int) -> Void

        init(after: @escaping (Int) -> Void) { self.after = after }

        func advance() throws -> TrainingMetrics {
            step += 1
            sum += Float(step)
            after(step)
            return TrainingMetrics(step: step, epoch: Double(step) / 10, loss: Float(step), gradientNorm: 1, learningRate: 0.1)
        }

        func state() -> TrainingState {
            TrainingState(
                model: [("sum", Tensor(shape: [1], values: [sum]))], optimizer: [("twice", Tensor(shape: [1], values: [2 * sum]))],
                counters: ["step": step])
        }

        func restore(_ state: TrainingState, from location: String) throws {
            step = state.counters["step"] ?? 0
            sum = state.model[0].tensor.values[0]
        }
    }

    /// Trains in a run, to its end or to a stop.
    private struct TrainStage: Stage {
        let name = "train"
        /// The step after which a stop is asked for.
        let stop: Int?

        func fingerprint(_ run: RunContext) throws -> Fingerprint { Fingerprint() }
        func outputs(_ run: RunContext) -> [String] { ["checkpoints/counting/last/model.safetensors"] }

        func run(_ run: RunContext) throws {
            let trainer = Counting { if $0 == stop { run.interruption.request() } }
            try TrainingLoop(run, trainer: trainer.name, checkpointEvery: 20, kept: [5]).run(trainer)
        }
    }

    /// A run's folder and what was said about it.
    private final class Setting: Sendable {
        let path: String
        private let text = Mutex("")
        var said: String { text.withLock { $0 } }

        init() throws { path = try SharedData.temporaryFolder() + "/run" }

        func train(stop: Int? = nil) throws {
            let configuration = RunConfiguration(experiment: "mine", hash: "0123abcd", seed: 0, yaml: "", overrides: [])
            let console = Console(isTerminal: false) { more in self.text.withLock { $0 += more } }
            _ = try RunSession(
                try RunFolder(configuration, at: path) { _ in configuration }, command: [], console: console,
                interruption: Interruption()
            ).run([TrainStage(stop: stop)])
        }

        var checkpoints: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints/counting").sorted() } }
        var sum: Float? {
            get throws { try Safetensors.read(path + "/checkpoints/counting/last/model.safetensors").tensor("sum").values[0] }
        }
        var metrics: String { get throws { try String(contentsOfFile: path + "/metrics.csv", encoding: .utf8) } }
    }

    @Test func `the two newest checkpoints stay, and those that are wanted`() throws {
        let setting = try Setting()
        try setting.train()
        #expect(try setting.checkpoints == ["000005", "000040", "000050", "last"])
        #expect(CheckpointStore.name(of: 50) == "000050")
        #expect(try setting.sum == 1275)
        #expect(try setting.metrics.contains("counting,10,loss,10.0\n"))
    }

    @Test func `a stopped training saves its step, goes on from there and ends with the same rows`() throws {
        let whole = try Setting(), setting = try Setting()
        try whole.train()
        let failure = try #require(throws: Failure.self) { try setting.train(stop: 33) }
        #expect(failure.kind == .interrupted)
        #expect(try setting.checkpoints == ["000005", "000020", "000033", "last"])
        try setting.train()
        #expect(setting.said.contains("counting: going on from step 33 of 50"))
        #expect(try setting.sum == 1275)
        #expect(try setting.metrics == whole.metrics)
    }

    @Test func `a damaged checkpoint is passed over for the one before`() throws {
        let whole = try Setting(), setting = try Setting()
        try whole.train()
        _ = try #require(throws: Failure.self) { try setting.train(stop: 33) }
        try Data("half".utf8).write(to: URL(fileURLWithPath: setting.path + "/checkpoints/counting/000033/optimizer.safetensors"))
        try setting.train()
        #expect(setting.said.contains("000033 is damaged and passed over"))
        #expect(setting.said.contains("counting: going on from step 20 of 50"))
        #expect(try setting.sum == 1275)
        #expect(try setting.metrics == whole.metrics)
    }
}
