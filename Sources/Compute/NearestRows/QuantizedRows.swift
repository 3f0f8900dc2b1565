import Basics
import CVector

/// A table's rows as bytes, and from them an upper bound of every row's inner product with a query.
///
/// A row x is stored as s c with integers |c_i| <= 127 and a scale s, a query y as t d with integers d of up to 16 bits.
/// With e = x - s c and f = y - t d, the triangle and Cauchy-Schwarz inequalities give
///
///     x . y  =  s t (c . d)  +  e . y  +  s c . f  <=  s t (c . d) + |e| |y| + (|x| + |e|) |f|
///
/// where c . d is exact in 32-bit integers, |e| is measured when the row is stored, and |f| <= phi |y|, because a
/// component of f is at most about t / 2 and t is at most |y| / levels. Two roundings come on top: the product in float
/// that is bounded differs from x . y by at most gamma |x| |y| in any order of summation, gamma = w u / (1 - w u),
/// u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), and the bound itself is
/// computed in float by five operations. Hence
///
///     bound  =  t (s (c . d)) + |y| slack + tiny,    slack  =  |e| + (|x| + |e|) (phi + gamma + 2^-18)
///
/// where 2^-18 is more than the five roundings can amount to and `tiny` is what underflow can. Each row needs its width
/// in bytes plus 8 (s and slack).
///
/// Rows and queries whose length is no ordinary number get no codes: a bound of infinity or NaN, or no bounds at all.
///
/// Sixteen rows lie together, two values of each row after the other, so that sixteen sums grow side by side.
final class QuantizedRows: @unchecked Sendable {
    /// Rows that are bounded at once.
    static let blockRows = 64
    /// Queries that share what is read of a block, where the registers hold their sums.
    static var queriesAtOnce: Int { hasWideTiles ? 4 : 1 }
    private static let groupRows = 16
    /// Lengths between which products neither overflow nor lose their leading digits.
    private static let ordinary = 0x1p-60...0x1p60

    let width: Int
    let count: Int
    let blockCount: Int
    private let pairs, groupCount: Int
    private let codes: UnsafeMutablePointer<Int8>  // [groups, pairs, 16 rows, 2]
    private let scales: FloatBuffer  // [blocks, 64]
    private let slacks: FloatBuffer  // [blocks, 64]

    /// - Parameter rows: [count, width].
    init(_ rows: UnsafePointer<Float>, count: Int, width: Int, pool: WorkerPool) {
        precondition((1...1 << 16).contains(width), "rows of \(width) values; 1 to 65536 can be bounded")
        self.width = width
        self.count = count
        pairs = (width + 1) / 2
        groupCount = (count + Self.groupRows - 1) / Self.groupRows
        blockCount = (count + Self.blockRows - 1) / Self.blockRows
        let bytes = groupCount * Self.groupRows * pairs * 2
        codes = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(to: Int8.self, capacity: bytes)
        codes.initialize(repeating: 0, count: bytes)
        scales = FloatBuffer(count: blockCount * Self.blockRows)
        slacks = FloatBuffer(count: blockCount * Self.blockRows)
        nonisolated(unsafe) let rows = rows
        // Whole groups, so that no two workers write the same cache line.
        pool.run(count: groupCount, grain: 64) { [self] range in
            for row in range.lowerBound * Self.groupRows..<min(count, range.upperBound * Self.groupRows) {
                store(rows + row * width, as: row)
            }
        }
    }

    deinit { codes.deallocate() }

    var byteCount: Int {
        groupCount * Self.groupRows * pairs * 2 + 2 * blockCount * Self.blockRows * MemoryLayout<Float>.stride
    }

    private func store(_ row: UnsafePointer<Float>, as index: Int) {
        let length = Self.length(row, count: width)
        guard length <= Self.ordinary.upperBound else {
            slacks.pointer[index] = .infinity
            return
        }
        let scale = length >= Self.ordinary.lowerBound ? Self.largest(row, count: width) / 127 : 0
        scales.pointer[index] = scale
        let code = codes + index / Self.groupRows * pairs * 2 * Self.groupRows + index % Self.groupRows * 2
        var squares = 0.0
        for i in 0..<width {
            let value = scale > 0 ? Int8((row[i] / scale).rounded(.toNearestOrEven)) : 0
            code[i / 2 * 2 * Self.groupRows + i % 2] = value
            let difference = Double(row[i]) - Double(scale) * Double(value)
            squares += difference * difference
        }
        let error = squares.squareRoot()
        let unit = Double(width) * 0x1p-24
        let phi = 0.52 * Double(width).squareRoot() / Double(Queries.levels(width: width))
        slacks.pointer[index] = Float(error + (length + error) * (phi + unit / (1 - unit) + 0x1p-18)).nextUp
    }

    /// Queries as integers.
    struct Queries {
        /// Two neighbouring codes of 16 bits in each, the first in the low half.
        fileprivate let codes: [Int32]  // [queries, pairs]
        fileprivate let scales: [Float]
        fileprivate let lengths: [Float]
        /// Whether a query's length is an ordinary number; of another nothing is known.
        let isBounded: [Bool]

        /// - Parameter queries: [n, width]
        init(_ queries: [Float], width: Int) {
            let pairs = (width + 1) / 2, count = queries.count / width
            var codes = [Int32](repeating: 0, count: count * pairs)
            var scales = [Float](repeating: 0, count: count), lengths = scales
            var isBounded = [Bool](repeating: false, count: count)
            queries.withUnsafeBufferPointer { values in
                for query in 0..<count {
                    let values = values.baseAddress.unsafelyUnwrapped + query * width
                    let length = QuantizedRows.length(values, count: width)
                    guard QuantizedRows.ordinary.contains(length) else { continue }
                    let scale = QuantizedRows.largest(values, count: width) / Float(Self.levels(width: width))
                    for i in 0..<width {
                        let code = Int32((values[i] / scale).rounded(.toNearestOrEven))
                        codes[query * pairs + i / 2] |= i.isMultiple(of: 2) ? code & 0xffff : code << 16
                    }
                    (scales[query], lengths[query], isBounded[query]) = (scale, Float(length).nextUp, true)
                }
            }
            (self.codes, self.scales, self.lengths, self.isBounded) = (codes, scales, lengths, isBounded)
        }

        /// The largest code for which a sum of `width` products with row codes fits 32 bits.
        static func levels(width: Int) -> Int { min(Int(Int16.max), Int(Int32.max) / (127 * width)) }
    }

    /// Upper bounds of the inner products of some queries with the rows of a block, [queries, blockRows]; what lies past the
    /// table's last row means nothing.
    /// - Parameter range: at most `queriesAtOnce`
    func upperBounds(_ block: Int, _ queries: Queries, _ range: Range<Int>, into bounds: UnsafeMutablePointer<Float>) {
        let pairs = pairs, group = block * Self.blockRows / Self.groupRows, last = groupCount - 1
        // A last block of fewer groups reads its last one again.
        func rows(_ g: Int) -> UnsafePointer<Int8> { UnsafePointer(codes + min(group + g, last) * pairs * 2 * Self.groupRows) }
        let places = (rows(0), rows(1), rows(2), rows(3))
        queries.codes.withUnsafeBufferPointer { codes in
            let codes = codes.baseAddress.unsafelyUnwrapped + range.lowerBound * pairs
            if range.count == 4 {
                var a = Sums(), b = Sums(), c = Sums(), d = Sums()
                for pair in 0..<pairs {
                    let block = BlockPair(places, pair)
                    a.add(block, codes[pair])
                    b.add(block, codes[pairs &+ pair])
                    c.add(block, codes[2 &* pairs &+ pair])
                    d.add(block, codes[3 &* pairs &+ pair])
                }
                store(a, block, queries, range.lowerBound, bounds)
                store(b, block, queries, range.lowerBound + 1, bounds + Self.blockRows)
                store(c, block, queries, range.lowerBound + 2, bounds + 2 * Self.blockRows)
                store(d, block, queries, range.lowerBound + 3, bounds + 3 * Self.blockRows)
            } else {
                for query in range {
                    let place = query - range.lowerBound, codes = codes + place * pairs
                    var sums = Sums()
                    for pair in 0..<pairs { sums.add(BlockPair(places, pair), codes[pair]) }
                    store(sums, block, queries, query, bounds + place * Self.blockRows)
                }
            }
        }
    }

    /// Two values of each of a block's rows.
    private struct BlockPair {
        let rows0, rows1, rows2, rows3: SIMD32<Int16>

        @inline(__always)
        init(
            _ places: (UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>), _ pair: Int
        ) {
            @inline(__always) func load(_ place: UnsafePointer<Int8>) -> SIMD32<Int16> {
                alt_widened(UnsafeRawPointer(place + pair &* 32).loadUnaligned(as: SIMD32<Int8>.self))
            }
            (rows0, rows1, rows2, rows3) = (load(places.0), load(places.1), load(places.2), load(places.3))
        }
    }

    /// The sums of a block's rows with one query.
    private struct Sums {
        var rows0 = SIMD16<Int32>(), rows1 = SIMD16<Int32>(), rows2 = SIMD16<Int32>(), rows3 = SIMD16<Int32>()

        @inline(__always)
        mutating func add(_ block: BlockPair, _ pair: Int32) {
            rows0 = alt_add_products_of_pairs(rows0, block.rows0, pair)
            rows1 = alt_add_products_of_pairs(rows1, block.rows1, pair)
            rows2 = alt_add_products_of_pairs(rows2, block.rows2, pair)
            rows3 = alt_add_products_of_pairs(rows3, block.rows3, pair)
        }
    }

    @inline(__always)
    private func store(_ sums: Sums, _ block: Int, _ queries: Queries, _ query: Int, _ bounds: UnsafeMutablePointer<Float>) {
        let scale = scales.pointer + block * Self.blockRows, slack = slacks.pointer + block * Self.blockRows
        let (queryScale, length) = (queries.scales[query], queries.lengths[query])
        let tiny = Float(width + 4) * 0x1p-149
        withUnsafeTemporaryAllocation(of: SIMD16<Int32>.self, capacity: 4) { dots in
            (dots[0], dots[1], dots[2], dots[3]) = (sums.rows0, sums.rows1, sums.rows2, sums.rows3)
            let dots = UnsafeRawPointer(dots.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: Int32.self)
            for i in 0..<Self.blockRows {
                bounds[i] = queryScale * (scale[i] * Float(dots[i])) + (length * slack[i] + tiny)
            }
        }
    }

    private static func length(_ values: UnsafePointer<Float>, count: Int) -> Double {
        var squares = 0.0
        for i in 0..<count { squares += Double(values[i]) * Double(values[i]) }
        return squares.squareRoot()
    }

    private static func largest(_ values: UnsafePointer<Float>, count: Int) -> Float {
        var largest: Float = 0
        for i in 0..<count { largest = max(largest, abs(values[i])) }
        return largest
    }
}
