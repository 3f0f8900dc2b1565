import Images
import Testing

@Suite struct AntialiasedAxisTests {
    @Test func `weights sum to 1, at the edges too`() {
        for (input, output) in [(100, 7), (7, 100), (1, 5), (5, 1), (13, 13)] {
            let axis = AntialiasedAxis(from: input, to: output, outputs: 0..<output)
            #expect(axis.count == output && axis.weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-6 })
            #expect(axis.inputs.lowerBound >= 0 && axis.inputs.upperBound <= input)
        }
    }
}
