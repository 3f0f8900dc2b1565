import Basics
import Demonstrations
import Foundation
import Policies
import Safetensors

/// A lookup table on disk: embeddings [n, D] (the key of each row), actions [n, T, A], demonstration [n],
/// frame [n] and the threshold [1], for any tool that reads safetensors.
public enum TableFile {
    public static let name = "table.safetensors"

    public static func write(_ table: ActionLookupTable.Rows, threshold: Double, layout: WindowLayout, to path: String) throws {
        let count = table.frames.count
        func numbers(_ values: [Int]) -> Tensor { Tensor(shape: [count], values: values.map(Float.init)) }
        try Safetensors.write(
            [
                ("embeddings", Tensor(shape: [count, table.keys.count / count], values: table.keys)),
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

    /// - Parameter rows: how many there must be; nil for as many as there are
    /// - Throws: `Failure` (`data`) when a tensor is missing, of another shape, or not of finite numbers.
    public static func read(
        _ data: Data, from path: String, rows: Int? = nil, layout: WindowLayout, actionDimension: Int
    ) throws -> (table: ActionLookupTable.Rows, threshold: Double) {
        let file = try Safetensors.decode(data, from: path)
        let stored = try file.tensor("embeddings").shape, width = stored.last ?? 0, count = rows ?? stored.first ?? 0
        guard count > 0 else {
            throw Failure(.data, "a lookup table has no rows", at: "\(path), tensor embeddings", expected: "[rows, width]", found: "\(stored)")
        }
        func values(_ name: String, _ shape: [Int]) throws -> [Float] { try file.finite(name, shape: shape) }
        func numbers(_ name: String) throws -> [Int] {
            try values(name, [count]).map { value in
                guard value >= 0, let number = Int(exactly: value) else {
                    throw Failure(.data, "a tensor counts with what is no whole number", at: "\(path), tensor \(name)", expected: "0, 1, 2, ...", found: "\(value)")
                }
                return number
            }
        }
        let embeddings = try values("embeddings", [count, width])
        let actions = try values("actions", [count, layout.horizon, actionDimension]), length = layout.horizon * actionDimension
        let table = ActionLookupTable.Rows(
            keys: embeddings,
            frames: zip(try numbers("demonstration"), try numbers("frame")).map { FrameReference(demonstration: $0, frame: $1) },
            actions: (0..<count).map { Array(actions[$0 * length..<($0 + 1) * length]) })
        return (table, Double(try values("threshold", [1])[0]))
    }
}
