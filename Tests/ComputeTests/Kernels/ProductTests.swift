import Compute
import TestSupport
import Testing

/// The fast products against the definition of a convolution. On small integers both are exact, so that results must be
/// equal: nothing hides in a tolerance. What is rounded is compared on other numbers, within the bound of its rounding.
@Suite struct ProductTests {
    @Test func `the shapes have every number of channels the kernels distinguish`() {
        let counts = Set((ProductCase.sequences + ProductCase.linear).flatMap { [$0.input[$0.input.count - 1], $0.outputs] })
        #expect(counts.isSuperset(of: [1, 3, 7, 15, 16, 17, 31, 32, 33, 48, 64, 402]))
        #expect(ProductCase.winograd.allSatisfy { $0.isWinograd })
        #expect(!(ProductCase.images + ProductCase.sequences).contains { $0.isWinograd })
    }

    @Test(arguments: ProductFamily.allCases)
    func `on small integers the output and every gradient are the definition's to the bit`(_ family: ProductFamily) {
        for row in family.cases {
            let run = row.run(), name = row.testDescription, start: Float = 5
            let x = RandomValues.integers(run.inputs[0].shape.count, name + " input")
            // Quarters in the transformed kernel.
            let parameters = RandomValues.integers(run.store.count, name + " parameters", factor: row.isWinograd ? 4 : 1)
            let upstream = RandomValues.integers(run.output.shape.count, name + " upstream")
            let actual = run.result([x], run.weights(parameters), upstream: upstream, start: start)
            let expected = row.expected(x, parameters, upstream: upstream, output: run.output.shape)
            #expect(Difference.absolute(actual.output, expected.output) == 0, "\(name)")
            let inputGradient = expected.inputGradients[0].map { $0 + start }
            #expect(Difference.absolute(actual.inputGradients[0], inputGradient) == 0, "\(name)")
            let parameterGradients = expected.parameterGradients.map { $0 + start }
            #expect(Difference.absolute(actual.parameterGradients, parameterGradients) == 0, "\(name)")
        }
    }

    /// A sum of n products in sequence, each fused, is off by at most n u Σ |a b| with u = 2⁻²⁴ (Higham 2002, section
    /// 3.1); adding to what is there and rounding the reference are one more each. Σ |a b| is what the reference makes of
    /// the magnitudes, so every entry has its own bound.
    @Test(arguments: [
        ProductCase(input: [3, 8, 33], outputs: 31, kernel: 5, padding: 2),
        ProductCase(input: [9, 16, 7], outputs: 48, kernel: 3, stride: 2, padding: 1),
        ProductCase(kind: .transposed, input: [8, 4, 17], outputs: 16, kernel: 4, stride: 2, padding: 1),
        ProductCase(kind: .linear, input: [9, 402], outputs: 33),
        ProductCase(input: [1, 38, 38, 3], outputs: 16, kernel: 5, stride: 2, padding: 2),
    ])
    func `on real numbers every entry is within the rounding of its sum`(_ row: ProductCase) {
        let run = row.run(), name = row.testDescription
        let x = RandomValues.normal(run.inputs[0].shape.count, name + " input")
        let parameters = RandomValues.normal(run.store.count, name + " parameters")
        let upstream = RandomValues.normal(run.output.shape.count, name + " upstream")
        let actual = run.result([x], run.weights(parameters), upstream: upstream)
        let shape = run.output.shape
        let expected = row.expected(x, parameters, upstream: upstream, output: shape)
        let magnitudes = row.expected(
            x.map(abs), parameters.map(abs), upstream: upstream.map(abs), output: shape)
        let weights = run.store.count - row.outputs
        // Products of one sum: the taps and channels of an output, the positions of a weight.
        let forward = weights / row.outputs, back = weights / row.input[row.input.count - 1]
        let positions = max(shape.rows, run.inputs[0].shape.rows)
        #expect(excess(actual.output, expected.output, magnitudes.output, terms: forward) <= 1)
        #expect(excess(actual.inputGradients[0], expected.inputGradients[0], magnitudes.inputGradients[0], terms: back) <= 1)
        #expect(
            excess(actual.parameterGradients, expected.parameterGradients, magnitudes.parameterGradients, terms: positions)
                <= 1)
        // One missing tap would be far outside.
        var oneTapLess = parameters
        for i in 0..<row.input[row.input.count - 1] { oneTapLess[i] = 0 }
        let damaged = row.expected(x, oneTapLess, upstream: upstream, output: shape)
        #expect(excess(actual.output, damaged.output, magnitudes.output, terms: forward) > 100)
    }

    /// Transforms multiply the bound: with inputs and weights in [-1, 1] the magnitudes of Aᵀ(G g Gᵀ · Bᵀ d B)A add up to
    /// 8 in one dimension and 64 in two (row sums of G 1, 1.5, 1.5, 1 and of Bᵀ 2), those of Gᵀ(A y Aᵀ · Bᵀ d B)G to 36,
    /// and the transforms add twelve roundings.
    @Test(arguments: [(19, 32), (10, 64), (38, 16)])
    func `Winograd's filtering is within the rounding of its sums`(_ extent: Int, _ channels: Int) {
        let row = ProductCase(input: [1, extent, extent, channels], outputs: channels, kernel: 3, padding: 1)
        let run = row.run(), name = row.testDescription
        let x = RandomValues.uniform(run.inputs[0].shape.count, name + " input")
        let parameters = RandomValues.uniform(run.store.count, name + " parameters")
        let upstream = RandomValues.uniform(run.output.shape.count, name + " upstream")
        let actual = run.result([x], run.weights(parameters), upstream: upstream)
        let expected = row.expected(x, parameters, upstream: upstream, output: run.output.shape)
        let rounding: Float = 0x1p-24, tiles = (extent + 1) / 2 * ((extent + 1) / 2)
        let tolerance = 64 * Float(channels * (channels + 12)) * rounding
        #expect(Difference.absolute(actual.output, expected.output) <= tolerance)
        #expect(Difference.absolute(actual.inputGradients[0], expected.inputGradients[0]) <= tolerance)
        #expect(
            Difference.absolute(actual.parameterGradients, expected.parameterGradients)
                <= 36 * Float(tiles * (tiles + 12)) * rounding)
        // One missing tap would be far outside.
        var oneTapLess = parameters
        for i in 0..<channels { oneTapLess[i] = 0 }
        let damaged = row.expected(x, oneTapLess, upstream: upstream, output: run.output.shape)
        #expect(Difference.absolute(actual.output, damaged.output) > 100 * tolerance)
    }

    /// The largest difference over its bound.
    private func excess(_ actual: [Float], _ expected: [Float], _ magnitudes: [Float], terms: Int) -> Float {
        precondition(actual.count == expected.count && actual.count == magnitudes.count)
        return actual.indices.reduce(0) { worst, i in
            let bound = Float(terms + 2) * 0x1p-24 * magnitudes[i]
            let difference = abs(actual[i] - expected[i])
            return difference == 0 ? worst : difference.isNaN ? .infinity : max(worst, difference / bound)
        }
    }
}
