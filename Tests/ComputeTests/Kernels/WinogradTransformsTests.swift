import Testing

@testable import Compute

@Suite struct WinogradTransformsTests {
    @Test func `a kernel's transform is G g Gᵀ, computed by hand`() {
        // Rows of G: (1, 0, 0), (1/2, 1/2, 1/2), (1/2, -1/2, 1/2), (0, 0, 1).
        let values = WinogradTransforms.kernel { y, x in Float(3 * y + x + 1) }
        #expect(values == [1, 3, 1, 3, 6, 11.25, 3.75, 9, 2, 3.75, 1.25, 3, 7, 12, 4, 9])
    }

    @Test func `the transforms together are a convolution of a tile`() {
        let d = tile("input"), g = RandomValues.integers(9, "kernel", factor: 4)
        let v = transformed(d), u = WinogradTransforms.kernel { y, x in g[3 * y + x] }
        let m = v.enumerated().map { $1 * u[$0 / 16] }
        for (index, output) in outputs(m).enumerated() {
            let y = index / 2, x = index % 2
            for lane in 0..<16 {
                let expected = (0..<9).reduce(0) { $0 + g[$1] * d[((y + $1 / 3) * 4 + x + $1 % 3) * 16 + lane] }
                #expect(output[lane] == expected, "output \(index), lane \(lane)")
            }
        }
    }

    /// ⟨A m Aᵀ, y⟩ = ⟨m, Aᵀ y A⟩ and ⟨G g Gᵀ, u⟩ = ⟨g, Gᵀ u G⟩, exact on integers.
    @Test func `the gradients' transforms are the adjoints`() {
        let m = tile("products"), y = RandomValues.integers(4 * 16, "output gradient")
        let back = FloatBuffer(count: 16 * 16), lanes = FloatBuffer(y)
        WinogradTransforms.outputGradient(
            (.load(lanes.pointer), .load(lanes.pointer + 16), .load(lanes.pointer + 32), .load(lanes.pointer + 48)),
            to: back.pointer, step: 16)
        #expect(dot(outputs(m).flatMap { $0 }, y) == dot(m, back.array))

        let g = RandomValues.integers(9, "kernel", factor: 4), u = tile("matrices"), start: Float = 7
        let gradient = FloatBuffer(count: 9 * 16, filledWith: start), source = FloatBuffer(u)
        WinogradTransforms.kernelGradient(source.pointer, step: 16, to: gradient.pointer, tap: 16)
        let values = WinogradTransforms.kernel { y, x in g[3 * y + x] }
        for lane in 0..<16 {
            let forward = (0..<16).reduce(0) { $0 + values[$1] * u[$1 * 16 + lane] }
            let adjoint = (0..<9).reduce(0) { $0 + g[$1] * (gradient.array[$1 * 16 + lane] - start) }
            #expect(forward == adjoint, "lane \(lane)")
        }
    }

    /// Sixteen channels at each position of a 4 x 4 tile.
    private func tile(_ name: String) -> [Float] { RandomValues.integers(16 * 16, name) }

    private func transformed(_ d: [Float]) -> [Float] {
        let source = FloatBuffer(d), target = FloatBuffer(count: 16 * 16, filledWith: .nan)
        WinogradTransforms.input(source.pointer, row: 64, column: 16, to: target.pointer, step: 16)
        return target.array
    }

    private func outputs(_ m: [Float]) -> [[Float]] {
        let source = FloatBuffer(m)
        let (a, b, c, d) = WinogradTransforms.output(source.pointer, step: 16)
        return [a, b, c, d].map { lanes in (0..<16).map { lanes[$0] } }
    }

    private func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
