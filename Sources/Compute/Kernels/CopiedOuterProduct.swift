/// The sums of an `OuterProduct` whose terms lie far apart, such as a position's numbers in every sequence of a batch: both factors are
/// copied first, in the order in which tiles of 4 x 16 read them. The sums are the same.
///
/// A tile takes 16 bytes of one cache line and 64 of another from every term. Terms that lie a large power of two apart compete for
/// the same few lines of the first cache, so that each tile would fetch all of them from the second one again. Tiles of 8 x 32, for
/// registers that hold them, read each term four times less often and need no copies.
struct CopiedOuterProduct: Sendable {
    private let original: OuterProduct
    /// The same terms, by where the copies lie.
    private let copied: OuterProduct
    /// Where the runs of either factor begin, each once.
    private let aStarts, bStarts: [Int]
    /// Terms of a run.
    private let count: Int

    private static let rows = 4, columns = 16

    /// - Parameter product: whose runs all have `count` terms, at least one run
    init(of product: OuterProduct, count: Int) {
        let runs = product.blocks.flatMap(\.runs)
        precondition(runs.allSatisfy { $0.count == count }, "runs of other lengths than \(count)")
        func starts(_ start: (OuterProduct.Run) -> Int) -> (sorted: [Int], places: [Int: Int]) {
            let sorted = Set(runs.map(start)).sorted()
            return (sorted, Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices)))
        }
        let a = starts { $0.a }, b = starts { $0.b }
        let blocks = product.blocks.map { block in
            OuterProduct.Block(
                column: block.column, columns: block.columns,
                runs: block.runs.map {
                    .init(
                        a: (a.places[$0.a] ?? 0) * count * Self.rows, b: (b.places[$0.b] ?? 0) * count * Self.columns,
                        count: count)
                })
        }
        original = product
        copied = OuterProduct(blocks: blocks, aStride: Self.rows, bStride: Self.columns, cStride: product.cStride)
        (aStarts, bStarts, self.count) = (a.sorted, b.sorted, count)
    }

    /// Floats of one row of all terms of a, and of sixteen columns of those of b.
    private var aTerms: Int { aStarts.count * count }
    private var stripFloats: Int { bStarts.count * count * Self.columns }

    /// Floats that the copies take.
    /// - Parameter rows: of C
    func scratchCount(rows: Int) -> Int { (rows + Self.rows - 1) / Self.rows * Self.rows * aTerms + stripFloats }

    /// Adds to the rows of `range`; reads up to 15 floats past the ends of a and b, whose products are dropped.
    func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows range: Range<Int>, into c: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let rows = stride(from: range.lowerBound, to: range.upperBound, by: Self.rows), strip = scratch, tiles = strip + stripFloats
        for row in rows {
            let tile = tiles + (row - range.lowerBound) * aTerms
            Self.copy(SIMD4<Float>.self, a + row, aStarts, count, stride: original.aStride, to: tile)
        }
        for column in stride(from: 0, to: copied.blocks.map(\.columns).max() ?? 0, by: Self.columns) {
            Self.copy(SIMD16<Float>.self, b + column, bStarts, count, stride: original.bStride, to: strip)
            for block in copied.blocks where column < block.columns {
                block.runs.withUnsafeBufferPointer { runs in
                    for row in rows {
                        copied.four(
                            runs, tiles + (row - range.lowerBound) * aTerms, strip,
                            c + row * copied.cStride + block.column + column, rows: min(Self.rows, range.upperBound - row),
                            columns: min(Self.columns, block.columns - column), adding: true)
                    }
                }
            }
        }
    }

    /// The same neighbours of every term, one term after another.
    @inline(__always)
    private static func copy<Lanes: SIMD<Float>>(
        _: Lanes.Type, _ source: UnsafePointer<Float>, _ starts: [Int], _ count: Int, stride: Int, to target: UnsafeMutablePointer<Float>
    ) {
        var target = UnsafeMutableRawPointer(target)
        for start in starts {
            var term = source + start
            for _ in 0..<count {
                target.storeBytes(of: UnsafeRawPointer(term).loadUnaligned(as: Lanes.self), as: Lanes.self)
                target += MemoryLayout<Lanes>.stride
                term += stride
            }
        }
    }
}
