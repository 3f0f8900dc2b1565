import Basics
import Images
import Synchronization

/// A square picture that covers the table or the floor, drawn once per appearance. Colours in [0, 1].
struct SurfaceTexture {
    static let side = 512
    let texels: [Point]  // [side, side]

    private init(_ color: (_ u: Float, _ v: Float) -> Point) {
        texels = (0..<Self.side * Self.side).map { i in
            color((Float(i % Self.side) + 0.5) / Float(Self.side), (Float(i / Self.side) + 0.5) / Float(Self.side))
        }
    }

    private static let drawn = Mutex<[SceneAppearance.TableTexture: SurfaceTexture]>([:])

    /// Drawn at first use, and kept: every episode has a renderer of its own, and most of them the same table.
    static func of(_ texture: SceneAppearance.TableTexture) -> SurfaceTexture {
        drawn.withLock { drawn in
            if let texture = drawn[texture] { return texture }
            let new = SurfaceTexture(texture)
            drawn[texture] = new
            return new
        }
    }

    private init(_ texture: SceneAppearance.TableTexture) {
        switch texture {
        case .lightWood: self.init { Self.wood($0, $1, light: [0.86, 0.76, 0.60], dark: [0.76, 0.62, 0.44]) }
        case .darkWood: self.init { Self.wood($0, $1, light: [0.46, 0.30, 0.19], dark: [0.30, 0.18, 0.11]) }
        case .felt: self.init { u, v in Point(0.30, 0.42, 0.36) * (0.9 + 0.2 * Self.noise(160 * u, 160 * v)) }
        case .bricks:
            self.init { u, v in
                let row = (v * 12).rounded(.down)
                let x = u * 6 + (Int(row) % 2 == 0 ? 0 : 0.5), (fx, fy) = (x - x.rounded(.down), v * 12 - row)
                let shade = 0.85 + 0.3 * Self.hash(Int(x.rounded(.down)), Int(row))
                return fx < 0.05 || fy < 0.1 ? Point(0.8, 0.79, 0.76) : Point(0.64, 0.52, 0.48) * shade
            }
        case .checks:
            self.init { u, v in
                (Int(u * 8) + Int(v * 8)) % 2 == 0 ? Point(0.88, 0.88, 0.86) : Point(0.45, 0.52, 0.62)
            }
        case .plaster: self.init { u, v in Point(0.9, 0.85, 0.74) * (0.85 + 0.25 * Self.noise(24 * u, 24 * v)) }
        }
    }

    static let floor = SurfaceTexture { u, v in
        let tile: Float = (Int(u * 20) + Int(v * 20)) % 2 == 0 ? 0.46 : 0.40
        return Point(tile, tile, tile * 1.03) * (0.95 + 0.1 * noise(80 * u, 80 * v))
    }

    /// The texture under a light that is the same everywhere on it, ready to copy.
    final class Lit {
        private let texels: [UInt32]

        init(_ texture: SurfaceTexture, light: Point) {
            texels = texture.texels.map { Rasterizer.packed(Rasterizer.bytes($0 * light)) }
        }

        func withTexels(_ body: (UnsafeBufferPointer<UInt32>) -> Void) { texels.withUnsafeBufferPointer(body) }

        /// Texture coordinates in [0, 1]; values outside are clipped.
        @inline(__always) static func texel(_ texels: UnsafeBufferPointer<UInt32>, _ u: Float, _ v: Float) -> UInt32 {
            let side = Float(SurfaceTexture.side), last = side - 1
            let x = Int(Swift.min(Swift.max(u * side, 0), last)), y = Int(Swift.min(Swift.max(v * side, 0), last))
            return texels[y * SurfaceTexture.side + x]
        }
    }

    /// Planks along x, each of its own tone, with grain.
    private static func wood(_ u: Float, _ v: Float, light: Point, dark: Point) -> Point {
        let plank = (v * 6).rounded(.down)
        let tone = 0.6 * hash(Int(plank), 7)
        let grain = noise(6 * u + 17 * plank, 90 * v) * 0.5 + noise(20 * u + 5 * plank, 240 * v) * 0.2
        let seam: Float = v * 6 - plank < 0.035 ? 0.8 : 1
        return (light + (dark - light) * min(tone + grain * 0.7, 1)) * seam
    }

    private static let field = ValueNoise(seed: Seed(41))

    private static func hash(_ x: Int, _ y: Int) -> Float { Float(field.lattice(x, y)) }
    private static func noise(_ x: Float, _ y: Float) -> Float { Float(field.value(Double(x), Double(y))) }
}
