import Basics

/// Smooth random values over the plane: uniform in [0, 1] at integer points, interpolated between them.
public struct ValueNoise: Sendable {
    private let seed: Seed

    public init(seed: Seed) { self.seed = seed }

    /// The value in [0, 1] at any point.
    public func value(_ x: Double, _ y: Double) -> Double {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }
        let (across, down) = (smooth(x - left), smooth(y - top))
        let (i, j) = (Int(left), Int(top))
        let upper = lattice(i, j) + (lattice(i + 1, j) - lattice(i, j)) * across
        let lower = lattice(i, j + 1) + (lattice(i + 1, j + 1) - lattice(i, j + 1)) * across
        return upper + (lower - upper) * down
    }

    /// The uniform value that belongs to an integer point.
    public func lattice(_ i: Int, _ j: Int) -> Double { Double((seed / i / j).value >> 11) * 0x1p-53 }
}
