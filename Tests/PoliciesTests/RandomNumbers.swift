import Basics

/// Arrays of draws from a named stream.
struct RandomNumbers {
    private var source: RandomSource

    init(_ name: String) { source = RandomSource(Seed(31) / name) }

    mutating func normal(_ count: Int) -> [Float] { (0..<count).map { _ in Float(source.normal()) } }

    /// Rows of unit length.
    mutating func unitRows(_ rows: Int, width: Int) -> [Float] {
        (0..<rows).flatMap { _ in
            let row = normal(width)
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
    }
}

/// The dot product of two rows of a table [*, width], in double.
func product(_ a: [Float], _ first: Int, _ b: [Float], _ second: Int, width: Int) -> Double {
    var sum = 0.0
    for i in 0..<width { sum += Double(a[first * width + i]) * Double(b[second * width + i]) }
    return sum
}
