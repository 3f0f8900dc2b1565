import CVector

/// Fused multiply-adds that neither wait for one another nor read memory: the most that the arithmetic of a core gives, in the
/// registers that the kernels of this build use.
public enum MultiplyAddLoop {
    /// - Parameter rounds: of as many sums as hide a unit's latency and fit the registers
    /// - Returns: the operations done, and a number that depends on them all, for the compiler to leave none out
    @inline(never)
    public static func run(rounds: Int) -> (operations: Int, sum: Float) {
        let factor = Float16Lanes(repeating: 0.999), term = Float16Lanes(repeating: 0.001)
        var a = Quad(rows: term), b = a, c = a, last = term
        for _ in 0..<rounds {
            step(&a, factor, term)
            if hasWideTiles {
                step(&b, factor, term)
                step(&c, factor, term)
            } else {
                last = alt_fused_multiply_add(last, factor, term)
            }
        }
        let sums = (a.row0 + a.row1 + a.row2 + a.row3) + (b.row0 + b.row1 + b.row2 + b.row3) + (c.row0 + c.row1 + c.row2 + c.row3) + last
        return (2 * 16 * (hasWideTiles ? 12 : 5) * rounds, sums.sum())
    }

    @inline(__always)
    private static func step(_ sums: inout Quad, _ factor: Float16Lanes, _ term: Float16Lanes) {
        sums.row0 = alt_fused_multiply_add(sums.row0, factor, term)
        sums.row1 = alt_fused_multiply_add(sums.row1, factor, term)
        sums.row2 = alt_fused_multiply_add(sums.row2, factor, term)
        sums.row3 = alt_fused_multiply_add(sums.row3, factor, term)
    }
}
