import Basics
import Foundation
import Logging
import Policies
import Runs
import Safetensors

/// The checkpoints of one training: `checkpoints/<name>/<step>/{model,optimizer}.safetensors` and `state.json`, with
/// `last` pointing to the newest. A checkpoint is written under a temporary name and renamed, so it is there whole
/// or not at all; the two newest are kept.
public struct CheckpointStore {
    private let folder: String
    private let log: Logger
    /// Steps whose checkpoints stay beside the two newest.
    let kept: Set<Int>

    public init(folder: String, log: Logger, kept: Set<Int> = []) {
        self.folder = folder
        self.log = log
        self.kept = kept
    }

    private struct State: Codable {
        var step: Int
        var counters: [String: Int]
        /// SHA-256 by file.
        var files: [String: String]
    }

    /// Steps of the checkpoints there, newest first.
    private func steps() throws -> [Int] {
        guard FileSystem.exists(folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(Int.init).sorted(by: >)
    }

    private func path(_ step: Int) -> String { folder + "/" + Self.name(of: step) }

    /// The folder of a step's checkpoint: `000500`.
    public static func name(of step: Int) -> String {
        String(repeating: "0", count: max(0, 6 - String(step).count)) + String(step)
    }

    /// - Throws: `Failure` when it cannot be written; what was there before stays.
    public func save(_ state: TrainingState, step: Int) throws {
        let final = path(step), temporary = final + ".partial"
        try FileSystem.makeFolder(folder)
        try removeFolder(temporary)
        do {
            try write(state, step: step, to: temporary)
        } catch {
            // A full disk gets its space back.
            try removeFolder(temporary)
            throw error
        }
        try removeFolder(final)
        try FileSystem.rename(temporary, to: final)
        try FileSystem.replaceLink(folder + "/last", to: PathName.last(of: final))
        for old in try steps().dropFirst(2) where !kept.contains(old) { try removeFolder(path(old)) }
    }

    private func write(_ state: TrainingState, step: Int, to temporary: String) throws {
        try FileSystem.makeFolder(temporary)
        var files: [String: String] = [:]
        for (name, tensors) in [("model.safetensors", state.model), ("optimizer.safetensors", state.optimizer)] {
            try Safetensors.write(tensors, metadata: ["step": String(step)], to: temporary + "/" + name)
            files[name] = try FileHash.sha256(temporary + "/" + name)
        }
        try JSONFile.write(State(step: step, counters: state.counters, files: files), to: temporary + "/state.json")
    }

    /// The newest checkpoint that is whole; a damaged one is passed over with a warning.
    public func newest() throws -> (state: TrainingState, location: String)? {
        for step in try steps() {
            do {
                return (try load(path(step)), path(step))
            } catch let failure as Failure {
                log.warning("checkpoint \(path(step)) is damaged and passed over: \(failure.what)")
            }
        }
        return nil
    }

    private func load(_ path: String) throws -> TrainingState {
        let state = try JSONFile.read(State.self, from: path + "/state.json")
        for (name, hash) in state.files where try FileHash.sha256(path + "/" + name) != hash {
            throw Failure(.data, "a file of the checkpoint does not have its recorded SHA-256", at: path + "/" + name)
        }
        func tensors(_ name: String) throws -> [(name: String, tensor: Tensor)] {
            let file = try Safetensors.read(path + "/" + name)
            return try file.names.map { ($0, try file.tensor($0)) }
        }
        return TrainingState(
            model: try tensors("model.safetensors"), optimizer: try tensors("optimizer.safetensors"),
            counters: state.counters)
    }

    private func removeFolder(_ path: String) throws {
        guard FileSystem.exists(path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw Failure(.inputOutput, "cannot remove an old checkpoint", at: path, found: error.localizedDescription)
        }
    }
}
