import Basics
import Demonstrations
import Policies
import Probes
import Runs
import Safetensors

/// A lookup table on disk: embeddings [n, D], actions [n, T, A], demonstration [n],
/// frame [n] and the threshold [1], for any tool that reads safetensors.
enum TableFile {
    static func write(_ table: ActionLookupTable.Rows, threshold: Double, layout: WindowLayout, to path: String) throws {
        let count = table.frames.count
        func numbers(_ values: [Int]) -> Tensor { Tensor(shape: [count], values: values.map(Float.init)) }
        try Safetensors.write(
            [
                ("embeddings", Tensor(shape: [count, table.embeddings.count / count], values: table.embeddings)),
                (
                    "actions",
                    Tensor(
                        shape: [count, layout.horizon, table.actions[0].count / layout.horizon],
                        values: table.actions.flatMap { $0 })
                ),
                ("demonstration", numbers(table.frames.map(\.demonstration))),
                ("frame", numbers(table.frames.map(\.frame))),
                ("threshold", Tensor(shape: [1], values: [Float(threshold)])),
            ],
            metadata: ["rows": "one for every training window, at its current frame"], to: path)
    }

    static func read(_ path: String) throws -> (table: ActionLookupTable.Rows, threshold: Double) {
        let file = try Safetensors.read(path)
        let demonstrations = try file.tensor("demonstration").values, frames = try file.tensor("frame").values
        let actions = try file.tensor("actions")
        let width = actions.values.count / max(1, demonstrations.count)
        let table = ActionLookupTable.Rows(
            embeddings: try file.tensor("embeddings").values,
            frames: zip(demonstrations, frames).map { FrameReference(demonstration: Int($0), frame: Int($1)) },
            actions: demonstrations.indices.map { Array(actions.values[$0 * width..<($0 + 1) * width]) })
        return (table, Double(try file.tensor("threshold", shape: [1]).values[0]))
    }
}
