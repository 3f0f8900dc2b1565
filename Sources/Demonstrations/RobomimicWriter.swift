import Basics
import Foundation

/// Writer of robomimic's HDF5 layout, which robomimic's own tools read.
public enum RobomimicWriter {
    /// Writes `episodes` as `/data/demo_0`, `/data/demo_1` and so on. The file appears whole or not at all, and
    /// equal arguments give equal bytes. An existing file is replaced.
    /// - Parameters:
    ///   - environment: robomimic's `env_args`: a JSON object with `env_name`, `type` and `env_kwargs`.
    ///   - masks: filter keys with the positions of their episodes.
    ///   - compress: gzip level 4 for observations, as robomimic does; everything else is contiguous.
    /// - Throws: `Failure`: `cannotCreate` when the folder cannot be written, `inputOutput` when writing fails,
    ///   `data` when `environment` is no JSON object.
    public static func write(
        _ episodes: [RecordedEpisode], environment: String, masks: [String: [Int]], compress: Bool, to path: String
    ) throws {
        guard try isJSONObject(environment) else {
            throw Failure(
                .data, "the environment's description is no JSON object", at: path,
                expected: "an object such as {\"env_name\": \"Lift\", \"type\": 1, \"env_kwargs\": {}}",
                found: String(environment.prefix(80)), remedy: "pass robomimic's env_args")
        }
        for (index, episode) in episodes.enumerated() { check(episode, name: "demo_\(index)") }

        let file = try HDF5MemoryFile(for: path)
        try file.makeGroup("data")
        try file.setAttribute("total", episodes.reduce(0) { $0 + $1.length }, of: "data")
        try file.setAttribute("env_args", environment, of: "data")
        for (index, episode) in episodes.enumerated() {
            try write(episode, group: "data/demo_\(index)", compress: compress, to: file)
        }
        if !masks.isEmpty { try file.makeGroup("mask") }
        for (key, positions) in masks.sorted(by: { $0.key < $1.key }) {
            for position in positions {
                precondition(
                    episodes.indices.contains(position), "mask \(key) names episode \(position) of \(episodes.count)")
            }
            try file.write(positions.map { "demo_\($0)" }, to: "mask/\(key)")
        }
        try file.save()
    }

    private static func write(
        _ episode: RecordedEpisode, group: String, compress: Bool, to file: HDF5MemoryFile
    ) throws {
        let length = episode.length
        try file.makeGroup(group)
        try file.setAttribute("num_samples", length, of: group)
        try file.write(episode.actions, shape: [length, episode.actionDimension], to: group + "/actions")
        try file.write(episode.states, shape: [length, episode.stateDimension], to: group + "/states")
        try file.write(episode.rewards, shape: [length], to: group + "/rewards")
        try file.write(episode.dones, shape: [length], to: group + "/dones")
        try file.makeGroup(group + "/obs")
        for (key, values) in episode.lowDim.sorted(by: { $0.key < $1.key }) {
            try file.write(
                values.values, shape: [length, values.width], compressed: compress, to: "\(group)/obs/\(key)")
        }
        for (key, camera) in episode.cameras.sorted(by: { $0.key < $1.key }) {
            try file.write(
                camera.pixels, shape: [length, camera.height, camera.width, 3], compressed: compress,
                to: "\(group)/obs/\(key)")
        }
    }

    private static func isJSONObject(_ text: String) throws -> Bool {
        do {
            return try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any]
        } catch { return false }
    }

    /// A recorder that hands over rows of the wrong number is a defect of that recorder.
    private static func check(_ episode: RecordedEpisode, name: String) {
        let length = episode.length
        func expect(_ count: Int, _ width: Int, _ what: String) {
            precondition(count == length * width, "\(name)/\(what): \(count) values for \(length) steps of \(width)")
        }
        expect(episode.actions.count, episode.actionDimension, "actions")
        expect(episode.states.count, episode.stateDimension, "states")
        expect(episode.rewards.count, 1, "rewards")
        expect(episode.dones.count, 1, "dones")
        for (key, values) in episode.lowDim { expect(values.values.count, values.width, "obs/\(key)") }
        for (key, camera) in episode.cameras {
            expect(camera.pixels.count, camera.height * camera.width * 3, "obs/\(key)")
        }
    }
}
