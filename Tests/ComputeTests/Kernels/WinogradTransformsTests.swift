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
        func load(_ index: Int) -> Float16Lanes { .load(lanes.pointer + 16 * index) }
        WinogradTransforms.outputGradient((load(0), load(1), load(2), load(3)), to: back.pointer, step: 16)
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

    @Test func `eight channels at a time are transformed as sixteen are`() {
        let d = tile("input"), source = FloatBuffer(d), target = FloatBuffer(count: 16 * 16, filledWith: .nan)
        for c in [0, 8] {
            WinogradTransforms.input(SIMD8<Float>.self, to: target.pointer + c, step: 16) { UnsafePointer(source.pointer) + 64 * $0 + 16 * $1 + c }
        }
        #expect(target.array == transformed(d))

        let half: (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) = WinogradTransforms.output(UnsafePointer(source.pointer) + 8, step: 16)
        let whole = outputs(d)
        for (index, lanes) in [half.0, half.1, half.2, half.3].enumerated() {
            #expect((0..<8).map { lanes[$0] } == Array(whole[index][8...]))
        }

        let gradient = FloatBuffer(count: 16 * 16), halves = FloatBuffer(count: 16 * 16)
        func load<Lanes: FloatLanes>(_ c: Int) -> (Lanes, Lanes, Lanes, Lanes) {
            let first = UnsafePointer(source.pointer) + c
            return (.load(first), .load(first + 16), .load(first + 32), .load(first + 48))
        }
        let sixteen: (Float16Lanes, Float16Lanes, Float16Lanes, Float16Lanes) = load(0)
        WinogradTransforms.outputGradient(sixteen, to: gradient.pointer, step: 16)
        for c in [0, 8] {
            let eight: (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) = load(c)
            WinogradTransforms.outputGradient(eight, to: halves.pointer + c, step: 16)
        }
        #expect(halves.array == gradient.array)
    }

    /// Sixteen channels at each position of a 4 x 4 tile.
    private func tile(_ name: String) -> [Float] { RandomValues.integers(16 * 16, name) }

    private func transformed(_ d: [Float]) -> [Float] {
        let source = FloatBuffer(d), target = FloatBuffer(count: 16 * 16, filledWith: .nan)
        WinogradTransforms.input(Float16Lanes.self, to: target.pointer, step: 16) { UnsafePointer(source.pointer) + 64 * $0 + 16 * $1 }
        return target.array
    }

    private func outputs(_ m: [Float]) -> [[Float]] {
        let source = FloatBuffer(m)
        let (a, b, c, d): (Float16Lanes, Float16Lanes, Float16Lanes, Float16Lanes) = WinogradTransforms.output(source.pointer, step: 16)
        return [a, b, c, d].map { lanes in (0..<16).map { lanes[$0] } }
    }

    private func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
