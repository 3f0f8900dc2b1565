/// The transforms of Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and Gray 2016, section 4.1): sixteen products a
/// tile in place of thirty-six. Written on as many channels at a time as one register holds; all coefficients are 0, ±1 and
/// ±1/2, so that the rounding stays that of a direct convolution.
enum WinogradTransforms {
    /// Products of a tile: the positions of a 4 x 4 input tile.
    static let positions = 16

    /// Bᵀ d B of a 4 x 4 tile.
    /// - Parameters:
    ///   - step: floats from one product's matrix to the next
    ///   - d: where the input at a row and column of the tile lies
    @inline(__always)
    static func input<Lanes: FloatLanes>(
        _: Lanes.Type, to v: UnsafeMutablePointer<Float>, step: Int, _ d: (_ y: Int, _ x: Int) -> UnsafePointer<Float>
    ) {
        @inline(__always) func rows(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
            let (d0, d1, d2, d3) = (Lanes.load(d(0, x)), Lanes.load(d(1, x)), Lanes.load(d(2, x)), Lanes.load(d(3, x)))
            return (d0 - d2, d1 + d2, d2 - d1, d1 - d3)
        }
        let (a, b, c, e) = (rows(0), rows(1), rows(2), rows(3))
        @inline(__always) func columns(_ y: Int, _ t0: Lanes, _ t1: Lanes, _ t2: Lanes, _ t3: Lanes) {
            (t0 - t2).write(to: v + 4 * y * step)
            (t1 + t2).write(to: v + (4 * y + 1) * step)
            (t2 - t1).write(to: v + (4 * y + 2) * step)
            (t1 - t3).write(to: v + (4 * y + 3) * step)
        }
        columns(0, a.0, b.0, c.0, e.0)
        columns(1, a.1, b.1, c.1, e.1)
        columns(2, a.2, b.2, c.2, e.2)
        columns(3, a.3, b.3, c.3, e.3)
    }

    /// Aᵀ m A: the 2 x 2 outputs of a tile.
    @inline(__always)
    static func output<Lanes: FloatLanes>(_ m: UnsafePointer<Float>, step: Int) -> (Lanes, Lanes, Lanes, Lanes) {
        @inline(__always) func rows(_ x: Int) -> (Lanes, Lanes) {
            let m1 = Lanes.load(m + (4 + x) * step), m2 = Lanes.load(m + (8 + x) * step)
            return (Lanes.load(m + x * step) + m1 + m2, m1 - m2 - Lanes.load(m + (12 + x) * step))
        }
        let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3))
        return (a.0 + b.0 + c.0, b.0 - c.0 - d.0, a.1 + b.1 + c.1, b.1 - c.1 - d.1)
    }

    /// A y Aᵀ: the adjoint of `output`, for a tile's 2 x 2 output gradients.
    @inline(__always)
    static func outputGradient<Lanes: FloatLanes>(
        _ y: (Lanes, Lanes, Lanes, Lanes), to m: UnsafeMutablePointer<Float>, step: Int
    ) {
        @inline(__always) func columns(_ row: Int, _ left: Lanes, _ right: Lanes) {
            left.write(to: m + 4 * row * step)
            (left + right).write(to: m + (4 * row + 1) * step)
            (left - right).write(to: m + (4 * row + 2) * step)
            (-right).write(to: m + (4 * row + 3) * step)
        }
        columns(0, y.0, y.1)
        columns(1, y.0 + y.2, y.1 + y.3)
        columns(2, y.0 - y.2, y.1 - y.3)
        columns(3, -y.2, -y.3)
    }

    /// G g Gᵀ: the sixteen values of a 3 x 3 kernel.
    static func kernel(_ g: (_ y: Int, _ x: Int) -> Float) -> [Float] {
        func expand(_ g0: Float, _ g1: Float, _ g2: Float) -> [Float] {
            [g0, 0.5 * (g0 + g1 + g2), 0.5 * (g0 - g1 + g2), g2]
        }
        let columns = (0..<3).map { x in expand(g(0, x), g(1, x), g(2, x)) }
        return (0..<4).flatMap { y in expand(columns[0][y], columns[1][y], columns[2][y]) }
    }

    /// Adds Gᵀ u G, the adjoint of `kernel`, to the nine taps at `g`, `tap` floats apart.
    @inline(__always)
    static func kernelGradient(_ u: UnsafePointer<Float>, step: Int, to g: UnsafeMutablePointer<Float>, tap: Int) {
        typealias Lanes = Float16Lanes
        @inline(__always) func rows(_ x: Int) -> (Lanes, Lanes, Lanes) {
            let u1 = 0.5 * Lanes.load(u + (4 + x) * step), u2 = 0.5 * Lanes.load(u + (8 + x) * step)
            return (.load(u + x * step) + u1 + u2, u1 - u2, u1 + u2 + .load(u + (12 + x) * step))
        }
        let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3))
        @inline(__always) func columns(_ y: Int, _ t0: Lanes, _ t1: Lanes, _ t2: Lanes, _ t3: Lanes) {
            let half1 = 0.5 * t1, half2 = 0.5 * t2, g = g + 3 * y * tap
            (.load(g) + (t0 + half1 + half2)).write(to: g)
            (.load(g + tap) + (half1 - half2)).write(to: g + tap)
            (.load(g + 2 * tap) + (half1 + half2 + t3)).write(to: g + 2 * tap)
        }
        columns(0, a.0, b.0, c.0, d.0)
        columns(1, a.1, b.1, c.1, d.1)
        columns(2, a.2, b.2, c.2, d.2)
    }
}
