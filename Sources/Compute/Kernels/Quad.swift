import CVector

/// Whether four `Quad`s are held in registers at once (AVX-512), or one (AVX2, arm64). The sums are the same.
@inline(__always) var hasWideTiles: Bool { ALT_SUMS_OF_SIXTEEN >= 16 }

/// Four rows of sixteen columns of a product, held in registers.
struct Quad {
    var row0 = Float16Lanes(repeating: 0), row1 = Float16Lanes(repeating: 0)
    var row2 = Float16Lanes(repeating: 0), row3 = Float16Lanes(repeating: 0)

    @inline(__always) init() {}

    /// Every row starts from the same columns, for instance a bias.
    @inline(__always) init(rows: Float16Lanes) { (row0, row1, row2, row3) = (rows, rows, rows, rows) }

    /// row r += a[r][k] · b
    @inline(__always)
    mutating func addProduct(_ a: FourRows, _ k: Int, _ b: Float16Lanes) {
        row0 = alt_fused_multiply_add(Float16Lanes(repeating: a.row0[k]), b, row0)
        row1 = alt_fused_multiply_add(Float16Lanes(repeating: a.row1[k]), b, row1)
        row2 = alt_fused_multiply_add(Float16Lanes(repeating: a.row2[k]), b, row2)
        row3 = alt_fused_multiply_add(Float16Lanes(repeating: a.row3[k]), b, row3)
    }

    /// Writes the first `count` columns of each row, or adds them to what is there.
    @inline(__always)
    func store(_ c: FourMutableRows, column: Int, count: Int, adding: Bool) {
        row0.store(to: c.row0 + column, count: count, adding: adding)
        row1.store(to: c.row1 + column, count: count, adding: adding)
        row2.store(to: c.row2 + column, count: count, adding: adding)
        row3.store(to: c.row3 + column, count: count, adding: adding)
    }
}

/// Where four rows begin.
struct FourRows {
    let row0, row1, row2, row3: UnsafePointer<Float>

    @inline(__always) init(_ base: UnsafePointer<Float>, _ offsets: UnsafePointer<Int32>) {
        row0 = base + Int(offsets[0])
        row1 = base + Int(offsets[1])
        row2 = base + Int(offsets[2])
        row3 = base + Int(offsets[3])
    }

    /// Four neighbours: row r begins at `base + r`, to read a column of a matrix as a row.
    @inline(__always) init(neighbours base: UnsafePointer<Float>) {
        (row0, row1, row2, row3) = (base, base + 1, base + 2, base + 3)
    }
}

/// Where four rows to write begin. Tables repeat the last row to fill a four; a repetition is written to `spare`, where
/// there is one, so that adding does not count it twice.
struct FourMutableRows {
    let row0, row1, row2, row3: UnsafeMutablePointer<Float>

    @inline(__always)
    init(_ base: UnsafeMutablePointer<Float>, _ offsets: UnsafePointer<Int32>, valid: Int, spare: UnsafeMutablePointer<Float>?) {
        row0 = base + Int(offsets[0])
        row1 = valid > 1 ? base + Int(offsets[1]) : spare ?? row0
        row2 = valid > 2 ? base + Int(offsets[2]) : spare ?? row1
        row3 = valid > 3 ? base + Int(offsets[3]) : spare ?? row2
    }
}
