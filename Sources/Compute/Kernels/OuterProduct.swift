/// Sums of outer products: C [rows, columns] += Σ_k a_k ⊗ b_k, the gradient of a weight.
///
/// a_k and b_k lie at fixed strides along runs (for instance the positions of an image row), so that neither is copied.
struct OuterProduct: Sendable {
    /// Consecutive terms of the sum.
    struct Run: Sendable {
        let a, b: Int
        let count: Int
    }

    /// A block of columns of C with the terms that add to it.
    struct Block: Sendable {
        /// First column in C.
        let column: Int
        let columns: Int
        let runs: [Run]
    }

    let blocks: [Block]
    /// Floats from one term of a run to the next.
    let aStride, bStride: Int
    /// Floats from one row of C to the next.
    let cStride: Int

    /// Adds to the rows of `range`, or writes them; reads up to 31 floats past the ends of a and b, whose products are
    /// dropped.
    func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows range: Range<Int>,
        into c: UnsafeMutablePointer<Float>, adding: Bool = true
    ) {
        for block in blocks {
            block.runs.withUnsafeBufferPointer { runs in
                hasWideTiles ? inEights(block, runs, a, b, range, c, adding) : inFours(block, runs, a, b, range, c, adding)
            }
        }
    }

    private func inEights(
        _ block: Block, _ runs: UnsafeBufferPointer<Run>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ range: Range<Int>, _ c: UnsafeMutablePointer<Float>, _ adding: Bool
    ) {
        for column in stride(from: 0, to: block.columns, by: 32) {
            let width = min(32, block.columns - column), b = b + column
            for row in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                let c = c + row * cStride + block.column + column, valid = min(8, range.upperBound - row)
                if width > 16 {
                    wide(runs, a + row, b, c, rows: valid, columns: width, adding)
                } else {
                    narrow(runs, a + row, b, c, rows: valid, columns: width, adding)
                }
            }
        }
    }

    /// 4 rows x 16 columns at a time.
    private func inFours(
        _ block: Block, _ runs: UnsafeBufferPointer<Run>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ range: Range<Int>, _ c: UnsafeMutablePointer<Float>, _ adding: Bool
    ) {
        for column in stride(from: 0, to: block.columns, by: 16) {
            for row in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                four(
                    runs, a + row, b + column, c + row * cStride + block.column + column,
                    rows: min(4, range.upperBound - row), columns: min(16, block.columns - column), adding: adding)
            }
        }
    }

    func four(
        _ runs: UnsafeBufferPointer<Run>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, adding: Bool
    ) {
        var sums = Quad()
        let aStride = aStride, bStride = bStride
        for run in runs {
            var a = a + run.a, b = b + run.b
            for _ in 0..<run.count {
                sums.addProduct(FourRows(neighbours: a), 0, .load(b))
                a += aStride
                b += bStride
            }
        }
        store(sums, c, rows: rows, columns: columns, adding)
    }

    private func wide(
        _ runs: UnsafeBufferPointer<Run>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, _ adding: Bool
    ) {
        var top0 = Quad(), top1 = Quad(), bottom0 = Quad(), bottom1 = Quad()
        let aStride = aStride, bStride = bStride
        for run in runs {
            var a = a + run.a, b = b + run.b
            for _ in 0..<run.count {
                let b0 = Float16Lanes.load(b), b1 = Float16Lanes.load(b + 16)
                let top = FourRows(neighbours: a), bottom = FourRows(neighbours: a + 4)
                top0.addProduct(top, 0, b0)
                top1.addProduct(top, 0, b1)
                bottom0.addProduct(bottom, 0, b0)
                bottom1.addProduct(bottom, 0, b1)
                a += aStride
                b += bStride
            }
        }
        store(top0, c, rows: rows, columns: 16, adding)
        store(top1, c + 16, rows: rows, columns: columns - 16, adding)
        store(bottom0, c + 4 * cStride, rows: rows - 4, columns: 16, adding)
        store(bottom1, c + 4 * cStride + 16, rows: rows - 4, columns: columns - 16, adding)
    }

    private func narrow(
        _ runs: UnsafeBufferPointer<Run>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, _ adding: Bool
    ) {
        var top = Quad(), bottom = Quad()
        let aStride = aStride, bStride = bStride
        for run in runs {
            var a = a + run.a, b = b + run.b
            for _ in 0..<run.count {
                let lanes = Float16Lanes.load(b)
                top.addProduct(FourRows(neighbours: a), 0, lanes)
                bottom.addProduct(FourRows(neighbours: a + 4), 0, lanes)
                a += aStride
                b += bStride
            }
        }
        store(top, c, rows: rows, columns: columns, adding)
        store(bottom, c + 4 * cStride, rows: rows - 4, columns: columns, adding)
    }

    @inline(__always)
    private func store(_ quad: Quad, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, _ adding: Bool) {
        if rows > 0 { quad.row0.store(to: c, count: columns, adding: adding) }
        if rows > 1 { quad.row1.store(to: c + cStride, count: columns, adding: adding) }
        if rows > 2 { quad.row2.store(to: c + 2 * cStride, count: columns, adding: adding) }
        if rows > 3 { quad.row3.store(to: c + 3 * cStride, count: columns, adding: adding) }
    }
}
