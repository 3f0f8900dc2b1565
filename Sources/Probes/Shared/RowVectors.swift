/// Rows of floats padded to whole SIMD16 words, so that distances between rows vectorise.
///
/// Values are [count, width]; padding is zero in every row and so adds nothing to a distance.
struct RowVectors: Sendable {
    let count: Int
    let width: Int
    /// Words per row.
    let stride: Int
    let words: [SIMD16<Float>]  // [count, stride]

    init(values: [Float], width: Int) {
        precondition(width > 0 && values.count.isMultiple(of: width), "\(values.count) values in rows of \(width)")
        count = values.count / width
        self.width = width
        let wordsPerRow = (width + 15) / 16
        stride = wordsPerRow
        var words = [SIMD16<Float>](repeating: .zero, count: count * wordsPerRow)
        for row in 0..<count {
            for column in 0..<width {
                words[row * wordsPerRow + column / 16][column % 16] = values[row * width + column]
            }
        }
        self.words = words
    }

    /// One row without its padding.
    func row(_ index: Int) -> [Double] {
        (0..<width).map { Double(words[index * stride + $0 / 16][$0 % 16]) }
    }

    /// Squared Euclidean distance of two rows of `stride` words.
    @inline(__always)
    static func squaredDistance(
        _ first: UnsafePointer<SIMD16<Float>>, _ second: UnsafePointer<SIMD16<Float>>, stride: Int
    ) -> Float {
        // Strict float order keeps a plain reduction scalar; sixteen accumulators do not.
        var sums = SIMD16<Float>.zero
        for word in 0..<stride {
            let difference = first[word] - second[word]
            sums += difference * difference
        }
        let eight = sums.lowHalf + sums.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    /// Root mean square difference between a row here and a row of `other`.
    func rootMeanSquare(_ row: Int, to otherRow: Int, of other: RowVectors) -> Float {
        precondition(width == other.width, "rows of \(width) against rows of \(other.width)")
        precondition(row < count && otherRow < other.count, "rows \(row), \(otherRow) of \(count), \(other.count)")
        return words.withUnsafeBufferPointer { mine in
            other.words.withUnsafeBufferPointer { theirs in
                guard let first = mine.baseAddress, let second = theirs.baseAddress else { return 0 }
                let squared = Self.squaredDistance(
                    first + row * stride, second + otherRow * stride, stride: stride)
                return (squared / Float(width)).squareRoot()
            }
        }
    }

    /// Squared distances from a row of `queries` to every row here.
    func squaredDistances(to row: Int, of queries: RowVectors) -> [Float] {
        precondition(width == queries.width, "rows of \(width) against queries of \(queries.width)")
        return words.withUnsafeBufferPointer { table in
            queries.words.withUnsafeBufferPointer { asked in
                guard let table = table.baseAddress, let asked = asked.baseAddress else { return [] }
                return [Float](unsafeUninitializedCapacity: count) { distances, initialized in
                    for index in 0..<count {
                        distances[index] = Self.squaredDistance(
                            asked + row * stride, table + index * stride, stride: stride)
                    }
                    initialized = count
                }
            }
        }
    }
}
