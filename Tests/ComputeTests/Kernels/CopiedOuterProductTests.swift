import Testing

@testable import Compute

@Suite struct CopiedOuterProductTests {
    /// Sequences [batch, T, channels], whose terms are a position's numbers in every sequence: five taps, of which those beyond an edge
    /// are missing.
    @Test(arguments: [(9, 5, 1, 1), (8, 4, 7, 33), (64, 16, 64, 16), (11, 3, 17, 48), (8, 1, 402, 15)])
    func `sums of copied terms are those of terms read where they lie, to the bit`(
        _ batch: Int, _ length: Int, _ outputs: Int, _ inputs: Int
    ) {
        let blocks = (0..<5).map { tap in
            OuterProduct.Block(
                column: tap * inputs, columns: inputs,
                runs: (0..<length).filter { 0..<length ~= $0 + tap - 2 }.map {
                    .init(a: $0 * outputs, b: ($0 + tap - 2) * inputs, count: batch)
                })
        }
        let plain = OuterProduct(blocks: blocks, aStride: length * outputs, bStride: length * inputs, cStride: 5 * inputs)
        let copied = CopiedOuterProduct(of: plain, count: batch)
        let a = FloatBuffer(RandomValues.normal(batch * length * outputs + 32, "a"))
        let b = FloatBuffer(RandomValues.normal(batch * length * inputs + 32, "b"))
        let start = RandomValues.normal(outputs * 5 * inputs, "start")
        let expected = FloatBuffer(start), actual = FloatBuffer(start)
        let scratch = FloatBuffer(count: copied.scratchCount(rows: outputs), filledWith: .nan)
        plain.run(a.pointer, b.pointer, rows: 0..<outputs, into: expected.pointer)
        // In two parts, as a team of threads would.
        let half = outputs / 16 * 8
        for rows in [0..<half, half..<outputs] {
            copied.run(a.pointer, b.pointer, rows: rows, into: actual.pointer, scratch: scratch.pointer)
        }
        #expect(actual.array == expected.array)
        #expect(expected.array != start)
    }
}
