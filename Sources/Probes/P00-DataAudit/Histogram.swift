/// Counts of values in equal bins from 0 to the largest value.
struct Histogram: Sendable {
    /// Width of a bin; 0 when every value is 0.
    let width: Double
    let counts: [Int]

    /// - Parameter values: finite and not negative.
    init(_ values: [Double], bins: Int) {
        precondition(bins > 0, "\(bins) bins")
        let largest = values.max() ?? 0
        var counts = [Int](repeating: 0, count: bins)
        for value in values {
            counts[largest > 0 ? min(bins - 1, Int(value / largest * Double(bins))) : 0] += 1
        }
        width = largest / Double(bins)
        self.counts = counts
    }
}
