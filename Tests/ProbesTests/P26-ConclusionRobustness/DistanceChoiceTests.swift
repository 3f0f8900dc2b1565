import Basics
import Testing

@testable import Probes

@Suite struct DistanceChoiceTests {
    /// Two steps of four actions, the last of which hardly varies: a constant level per demonstration.
    private func chunks(_ levels: [Float], first: Int, offset: [Float]? = nil) -> Chunks {
        let offset = offset ?? [Float](repeating: 0, count: 8)
        var values: [Float] = []
        for level in levels {
            let steps: [Float] = [level, 0, 1, 0.01 * level, level, 1, 0, 0.01 * level]
            values += zip(steps, offset).map { $0 + $1 }
        }
        return Chunks(
            horizon: 2, actionDimension: 4, values: values, demonstration: Array(first..<first + levels.count),
            frame: [Int](repeating: 0, count: levels.count))
    }

    /// The distance to train of the first training chunk moved by `offset`.
    private func distance(_ choice: DistanceChoice, offset: [Float]) throws -> Float {
        let generated = GeneratedChunks(
            policy: "moved", condition: "heldout", chunks: chunks([-1], first: 4, offset: offset), observation: [0],
            sample: [0], truth: chunks([-1], first: 4))
        let context = try ProbeContext(
            train: chunks([-1, 1], first: 0), reference: chunks([-3, 3], first: 2), query: chunks([-1], first: 4),
            generated: [generated], resamples: 10, seed: Seed(0))
        let distances = try #require(try choice.distances(context.evaluated[0], context))
        #expect(distances.truth == [0])
        return distances.train[0]
    }

    private func expect(_ choice: DistanceChoice, _ offset: [Float], _ expected: Float) throws {
        let found = try distance(choice, offset: offset)
        #expect(abs(found - expected) < 1e-4 * max(1, expected), "\(choice): \(found), not \(expected)")
    }

    @Test func `each distance sees what it is said to see`() throws {
        // Standard deviations over training steps: 1, 0.5, 0.5 and 0.01, the last raised to the floor of 0.1.
        let last: [Float] = [0, 0, 0, 0.01, 0, 0, 0, 0.01]
        try expect(.standard, last, 0.05)
        try expect(.warped, last, 0.05)
        try expect(.zScore, last, 0.5)
        try expect(.unscaled, last, 0.005)
        try expect(.position, last, 0)
        try expect(.velocity, last, 0)
        let level: [Float] = [0, 0.1, 0, 0, 0, 0.1, 0, 0]
        try expect(.standard, level, 0.1)
        try expect(.zScore, level, 0.1)
        try expect(.unscaled, level, 0.05)
        try expect(.position, level, 0.2 / Float(3).squareRoot())
        try expect(.velocity, level, 0)
        let change: [Float] = [0, 0, 0, 0, 0, 0.1, 0, 0]
        try expect(.standard, change, 0.1 / Float(2).squareRoot())
        try expect(.velocity, change, 0.1)
    }

    @Test func `sequences of one step have no velocity`() throws {
        let single = Chunks(
            horizon: 1, actionDimension: 1, values: [0, 1, 2, 3], demonstration: [0, 1, 2, 3], frame: [0, 0, 0, 0])
        let asked = GeneratedChunks(
            policy: "a", condition: "heldout", chunks: single.selecting([3]), observation: [0], sample: [0])
        let context = try ProbeContext(
            train: single.selecting([0, 1]), reference: single.selecting([2]), generated: [asked], resamples: 10,
            seed: Seed(0))
        #expect(try DistanceChoice.velocity.distances(context.evaluated[0], context) == nil)
        #expect(try DistanceChoice.warped.distances(context.evaluated[0], context)?.train == [4])
    }
}
