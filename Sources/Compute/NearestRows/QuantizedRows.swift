import Basics

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
final class QuantizedRows: @unchecked Sendable {
    /// Rows of one call of `upperBounds`.
    static let blockRows = 64
    /// Lengths between which products neither overflow nor lose their leading digits.
    private static let ordinary = 0x1p-60...0x1p60

    let width: Int
    let count: Int
    private let codes: UnsafeMutablePointer<Int8>  // [count, width]
    private let scales: FloatBuffer  // [count]
    private let slacks: FloatBuffer  // [count]

    /// - Parameter rows: [count, width].
    init(_ rows: UnsafePointer<Float>, count: Int, width: Int, pool: WorkerPool) {
        precondition((1...1 << 16).contains(width), "rows of \(width) values; 1 to 65536 can be bounded")
        self.width = width
        self.count = count
        codes = UnsafeMutableRawPointer.allocate(byteCount: count * width, alignment: 64)
            .bindMemory(to: Int8.self, capacity: count * width)
        codes.initialize(repeating: 0, count: count * width)
        scales = FloatBuffer(count: count)
        slacks = FloatBuffer(count: count)
        nonisolated(unsafe) let rows = rows
        pool.run(count: count, grain: 1024) { [self] range in
            for row in range { store(rows + row * width, as: row) }
        }
    }

    deinit { codes.deallocate() }

    var byteCount: Int { count * (width + 2 * MemoryLayout<Float>.stride) }

    private func store(_ row: UnsafePointer<Float>, as index: Int) {
        let code = codes + index * width
        let length = Self.length(row, count: width)
        guard length <= Self.ordinary.upperBound else {
            slacks.pointer[index] = .infinity
            return
        }
        if length >= Self.ordinary.lowerBound {
            let scale = Self.largest(row, count: width) / 127
            for i in 0..<width { code[i] = Int8((row[i] / scale).rounded(.toNearestOrEven)) }
            scales.pointer[index] = scale
        }
        let scale = Double(scales.pointer[index])
        var squares = 0.0
        for i in 0..<width {
            let difference = Double(row[i]) - scale * Double(code[i])
            squares += difference * difference
        }
        let error = squares.squareRoot()
        let unit = Double(width) * 0x1p-24
        let phi = 0.52 * Double(width).squareRoot() / Double(Query.levels(width: width))
        slacks.pointer[index] = Float(error + (length + error) * (phi + unit / (1 - unit) + 0x1p-18)).nextUp
    }

    /// A query as integers.
    struct Query {
        fileprivate let codes: [Int16]  // [width]
        fileprivate let scale: Float
        fileprivate let length: Float

        /// nil when the query's length is no ordinary number.
        init?(_ query: [Float]) {
            let length = query.withUnsafeBufferPointer {
                QuantizedRows.length($0.baseAddress.unsafelyUnwrapped, count: $0.count)
            }
            guard QuantizedRows.ordinary.contains(length) else { return nil }
            let scale = query.reduce(0) { max($0, abs($1)) } / Float(Self.levels(width: query.count))
            codes = query.map { Int16(($0 / scale).rounded(.toNearestOrEven)) }
            self.scale = scale
            self.length = Float(length).nextUp
        }

        /// The largest code for which a sum of `width` products with row codes fits 32 bits.
        static func levels(width: Int) -> Int { min(Int(Int16.max), Int(Int32.max) / (127 * width)) }
    }

    /// Upper bounds of the inner products of `query` with the rows of `range`, at most `blockRows` of them.
    /// - Parameter dots: room for as many integers.
    func upperBounds(
        _ range: Range<Int>, query: Query, dots: UnsafeMutablePointer<Int32>, into bounds: UnsafeMutablePointer<Float>
    ) {
        let width = width
        query.codes.withUnsafeBufferPointer { query in
            let query = query.baseAddress.unsafelyUnwrapped
            for row in range {
                let code = codes + row &* width
                var sum: Int32 = 0
                for i in 0..<width { sum &+= Int32(code[i]) &* Int32(query[i]) }
                dots[row &- range.lowerBound] = sum
            }
        }
        let scale = scales.pointer + range.lowerBound, slack = slacks.pointer + range.lowerBound
        let (queryScale, length) = (query.scale, query.length)
        let tiny = Float(width + 4) * 0x1p-149
        for i in 0..<range.count {
            bounds[i] = queryScale * (scale[i] * Float(dots[i])) + (length * slack[i] + tiny)
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
