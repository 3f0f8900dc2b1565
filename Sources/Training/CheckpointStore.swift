import Basics
import Foundation
import Logging
import Policies
import Runs
import Safetensors
import Store

/// The checkpoints of one training, in its entry of the store: `<step>/{model,optimizer}.safetensors`, `metrics.csv` with the
/// rows up to that step, and `state.json`, sealed, with the SHA-256 of the others; `last` points to the newest.
///
/// A checkpoint is written under a temporary name and renamed, so it is there whole or not at all.
struct CheckpointStore {
    let folder: String
    let log: Logger
    /// Moves a damaged checkpoint out of the way.
    let setAside: (_ path: String) throws -> Void

    /// A training at a step, with its metrics so far.
    struct Checkpoint {
        var state: TrainingState
        var metrics: [StepMetric]
    }

    private struct State: Codable {
        var step: Int
        var counters: [String: Int]
        /// SHA-256 by file.
        var files: [String: String]
    }

    /// Steps of the checkpoints there, ascending.
    func steps() throws -> [Int] { try FileSystem.everything(in: folder).compactMap(Int.init).sorted() }

    private func path(_ step: Int) -> String { folder + "/" + Self.name(of: step) }

    /// The folder of a step's checkpoint: `000500`.
    static func name(of step: Int) -> String {
        String(repeating: "0", count: max(0, 6 - String(step).count)) + String(step)
    }

    static let model = "model.safetensors", optimizer = "optimizer.safetensors", metrics = "metrics.csv", state = "state.json"

    /// - Throws: `Failure` when it cannot be written; what was there before stays.
    func save(_ checkpoint: Checkpoint, step: Int) throws {
        let final = path(step), temporary = final + Leftovers.suffix
        try FileSystem.removeTree(temporary)
        do {
            try write(checkpoint, step: step, to: temporary)
        } catch {
            // A full disk gets its space back.
            try FileSystem.removeTree(temporary)
            throw error
        }
        try remove(step)
        try FileSystem.rename(temporary, to: final)
        try pointToNewest()
    }

    private func write(_ checkpoint: Checkpoint, step: Int, to temporary: String) throws {
        try FileSystem.makeFolder(temporary)
        var files: [String: String] = [:]
        func write(_ name: String, _ data: Data) throws {
            try AtomicFile.write(data, to: temporary + "/" + name)
            files[name] = FileHash.sha256(data)
        }
        for (name, tensors) in [(Self.model, checkpoint.state.model), (Self.optimizer, checkpoint.state.optimizer)] {
            try write(name, Safetensors.encode(tensors, metadata: ["step": String(step)]))
        }
        try write(Self.metrics, Data(Table(checkpoint.metrics).csv.utf8))
        try SealedJSON.write(State(step: step, counters: checkpoint.state.counters, files: files), to: temporary + "/" + Self.state)
    }

    /// A kill may have come between a checkpoint and its link.
    func pointToNewest() throws {
        guard let newest = try steps().last else { return }
        try FileSystem.replaceLink(folder + "/last", to: Self.name(of: newest))
    }

    /// Removes a step's checkpoint, so that half of one is never under its name.
    func remove(_ step: Int) throws {
        guard FileSystem.isThere(path(step)) else { return }
        let doomed = path(step) + ".removed" + Leftovers.suffix
        try FileSystem.rename(path(step), to: doomed)
        try FileSystem.removeTree(doomed)
    }

    /// The checkpoint of a step; nil when there is none, or it is damaged and was set aside.
    func load(_ step: Int) throws -> Checkpoint? {
        guard FileSystem.isThere(path(step)) else { return nil }
        do {
            return try read(path(step), step: step)
        } catch let failure as Failure where failure.kind == .data || failure.kind == .inputMissing {
            log.warning("checkpoint \(path(step)) is damaged and set aside: \(failure.what)")
            try setAside(path(step))
            return nil
        }
    }

    private func read(_ path: String, step: Int) throws -> Checkpoint {
        let state = try SealedJSON.read(State.self, from: path + "/" + Self.state)
        guard state.step == step, Set(state.files.keys) == [Self.model, Self.optimizer, Self.metrics] else {
            throw Failure(.data, "the checkpoint is of another step", at: path, expected: "\(step)", found: "\(state.step)")
        }
        func data(_ name: String) throws -> Data {
            let data = try FileSystem.read(path + "/" + name)
            guard FileHash.sha256(data) == state.files[name] else {
                throw Failure(.data, "a file of the checkpoint does not have its recorded SHA-256", at: path + "/" + name)
            }
            return data
        }
        func tensors(_ name: String) throws -> [(name: String, tensor: Tensor)] {
            let file = try Safetensors.decode(try data(name), from: path + "/" + name)
            return try file.names.map { ($0, try file.tensor($0)) }
        }
        let file = path + "/" + Self.metrics
        let content = try CSVText.parse(String(decoding: try data(Self.metrics), as: UTF8.self), name: file)
        return Checkpoint(
            state: TrainingState(model: try tensors(Self.model), optimizer: try tensors(Self.optimizer), counters: state.counters),
            metrics: try StepMetric.rows(columns: content.columns, content.rows, file: file))
    }
}

/// A row of a training's `metrics.csv`.
public struct StepMetric: Record {
    public var step = 0
    public var metric = ""
    public var value = 0.0

    /// Names of metrics that others read: of the training batch, and of demonstrations that are not learned from.
    public static let loss = "loss", heldoutLoss = "heldout_loss"

    public init() {}

    init(step: Int, metric: String, value: Double) {
        self.step = step
        self.metric = metric
        self.value = value
    }

    public static var columns: [Column<StepMetric>] {
        [Column("step", \.step), Column("metric", \.metric), Column("value", \.value)]
    }
}
