import Basics
import Demonstrations
import Foundation
import Policies
import Safetensors
import Testing
import TestSupport

@testable import PolicyFolders

/// Files that are not what they should be, although their bytes are whole: an error says so, and nothing crashes.
@Suite struct TableFileTests {
    private static let layout = WindowLayout(horizon: 2, observationSteps: 1, executedSteps: 1)

    private static func tensors() -> [(name: String, tensor: Tensor)] {
        [
            ("embeddings", Tensor(shape: [2, 3], values: [1, 0, 0, 0, 1, 0])), ("actions", Tensor(shape: [2, 2, 1], values: [1, 2, 3, 4])),
            ("demonstration", Tensor(shape: [2], values: [0, 1])), ("frame", Tensor(shape: [2], values: [5, 6])),
            ("threshold", Tensor(shape: [1], values: [0.5])),
        ]
    }

    private func read(_ tensors: [(name: String, tensor: Tensor)]) throws -> (table: ActionLookupTable.Rows, threshold: Double) {
        try TableFile.read(
            Safetensors.encode(tensors, metadata: [:]), from: "table", rows: 2, layout: Self.layout, actionDimension: 1)
    }

    @Test func `a table is read back`() throws {
        let (rows, threshold) = try read(Self.tensors())
        #expect(threshold == 0.5 && rows.actions == [[1, 2], [3, 4]])
        #expect(rows.frames == [FrameReference(demonstration: 0, frame: 5), FrameReference(demonstration: 1, frame: 6)])
    }

    @Test func `a missing tensor, another shape and a number that is none are errors`() throws {
        for index in Self.tensors().indices {
            var tensors = Self.tensors()
            let (name, tensor) = tensors[index]
            tensors.remove(at: index)
            #expect(throws: Failure.self, "without \(name)") { try read(tensors) }
            for shape in [[tensor.values.count + 1], [0], [1, tensor.values.count, 1, 1]] where shape != tensor.shape {
                let other = Tensor(shape: shape, values: [Float](repeating: 1, count: shape.reduce(1, *)))
                #expect(throws: Failure.self, "\(name) of shape \(shape)") { try read(tensors + [(name, other)]) }
            }
            var values = tensor.values
            values[0] = .infinity
            #expect(throws: Failure.self, "infinite \(name)") { try read(tensors + [(name, Tensor(shape: tensor.shape, values: values))]) }
        }
    }
}
