import Basics
import Foundation
import Runs
import Safetensors
import Store
import Synchronization
import Testing
import TestSupport

@testable import Policies
@testable import Training

@Suite struct TrainingLoopTests {
    /// Counts; its only weight is the sum of the steps taken.
    private final class Counting: Trainer {
        let name = "counting"
        let totalSteps = 50, parameterCount = 1
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

        func heldoutLoss() -> Float? { Float(step) + 0.5 }

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
        /// Steps whose checkpoints stay.
        let kept: [Int]

        func fingerprint(_ run: RunContext) throws -> Fingerprint {
            var fingerprint = Fingerprint()
            fingerprint.add("kept", text: "\(kept)")
            return fingerprint
        }
        func outputs(_ run: RunContext) -> [String] {
            ["metrics.csv"] + TrainingFiles.all(kept: kept).map { "checkpoints/counting/" + $0 }
        }

        func run(_ run: RunContext) throws {
            let trainer = Counting { if $0 == stop { run.interruption.request() } }
            let kept = kept
            let entry = try run.obtain(
                Identity(Identity.Kind("counting", code: []), Fingerprint()), "counting", as: "checkpoints/counting",
                needed: TrainingFiles.all(kept: kept)
            ) { try TrainingLoop(run, folder: $0, present: $1, checkpointEvery: 20, kept: Set(kept)).run(trainer) }
            try run.metrics.replace(with: TrainingFiles.metrics(of: entry).map { MetricsFile.Row(stage: trainer.name, $0) })
        }
    }

    /// A run's folder and what was said about it.
    private final class Setting: Sendable {
        let path: String
        private let text = Mutex("")
        var said: String { text.withLock { $0 } }

        init() throws { path = try SharedData.temporaryFolder() + "/results/mine/run" }

        func train(stop: Int? = nil, kept: [Int] = [5]) throws {
            let configuration = RunConfiguration(
                experiment: "mine", hash: "0123abcd", dataHash: "fedcba98", seed: 0, yaml: "", overrides: [])
            let console = Console(isTerminal: false) { more in self.text.withLock { $0 += more } }
            _ = try RunSession(
                try RunFolder(configuration, at: path), command: [], program: .undisclosed, console: console,
                interruption: Interruption()
            ).run([TrainStage(stop: stop, kept: kept)])
        }

        /// The checkpoints there, and where `last` points.
        var checkpoints: [String] {
            get throws {
                let folder = path + "/checkpoints/counting"
                return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.first?.isNumber == true }
                    + [FileManager.default.destinationOfSymbolicLink(atPath: folder + "/last")]
            }
        }
        var sum: Float? {
            get throws { try Safetensors.read(path + "/checkpoints/counting/last/model.safetensors").tensor("sum").values[0] }
        }
        var metrics: String { get throws { try String(contentsOfFile: path + "/metrics.csv", encoding: .utf8) } }
    }

    @Test func `the last checkpoint stays, and those that are wanted`() throws {
        let setting = try Setting()
        try setting.train()
        #expect(try setting.checkpoints == ["000005", "000050", "000050"])
        #expect(CheckpointStore.name(of: 50) == "000050")
        #expect(try setting.sum == 1275)
        #expect(try setting.metrics.contains("counting,10,loss,10.0\n"))
        // Every hundred steps and at the last.
        #expect(try setting.metrics.components(separatedBy: "heldout_loss").count == 2)
        #expect(try setting.metrics.contains("counting,50,heldout_loss,50.5\n"))
    }

    @Test func `a stopped training saves its step, goes on from there and ends with the same rows`() throws {
        let whole = try Setting(), setting = try Setting()
        try whole.train()
        let failure = try #require(throws: Failure.self) { try setting.train(stop: 33) }
        #expect(failure.kind == .interrupted)
        #expect(try setting.checkpoints == ["000005", "000020", "000033", "000033"])
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
        #expect(setting.said.contains("000033 is damaged and set aside"))
        #expect(setting.said.contains("counting: going on from step 20 of 50"))
        #expect(try setting.sum == 1275)
        #expect(try setting.metrics == whole.metrics)
    }

    @Test func `a kill between the last checkpoint and its link does not leave the old weights in use`() throws {
        let whole = try Setting(), setting = try Setting()
        try whole.train()
        try setting.train()
        try FileManager.default.removeItem(atPath: setting.path + "/checkpoints/counting/entry.json")
        let link = setting.path + "/checkpoints/counting/last"
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "000005")
        try setting.train()
        #expect(try setting.sum == 1275)
        #expect(try setting.checkpoints == whole.checkpoints)
        #expect(try setting.metrics == whole.metrics)
    }

    @Test(arguments: ["000005/model.safetensors", "000050/model.safetensors", "000050/metrics.csv", "000050/state.json"])
    func `one changed bit in a finished training is noticed, and what it is in is made again`(file: String) throws {
        let setting = try Setting()
        try setting.train()
        let path = setting.path + "/checkpoints/counting/" + file
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for place in [0, whole.count / 2, whole.count - 1] {
            var damaged = try Data(contentsOf: URL(fileURLWithPath: path))
            damaged[place] ^= 4
            try damaged.write(to: URL(fileURLWithPath: path))
            try setting.train()
            // State that nobody reads once a training is finished does no harm, and stays as it is.
            #expect(try file.hasSuffix("state.json") || Data(contentsOf: URL(fileURLWithPath: path)) == whole)
            #expect(try setting.sum == 1275)
        }
    }

    @Test func `a step that is asked about later is trained again up to there, the rest is kept`() throws {
        let setting = try Setting()
        try setting.train()
        let last = setting.path + "/checkpoints/counting/000050"
        let before = try FileManager.default.attributesOfItem(atPath: last)[.modificationDate] as? Date
        try setting.train(kept: [5, 12])
        #expect(setting.said.contains("counting: going on from step 5 of 50"))
        #expect(try setting.checkpoints == ["000005", "000012", "000050", "000050"])
        #expect(try FileManager.default.attributesOfItem(atPath: last)[.modificationDate] as? Date == before)
        let model = try Safetensors.read(setting.path + "/checkpoints/counting/000012/model.safetensors")
        #expect(try model.tensor("sum").values == [78])
    }
}
