/// A sample sorted once, whose quantiles can then be taken under many weightings.
public struct SortedSample: Sendable {
    public let sorted: [Double]
    /// Row of the original sample at each place of `sorted`.
    let order: [Int]

    public init(_ values: [Double]) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        self.order = order
        sorted = order.map { values[$0] }
    }

    /// Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's default);
    /// NaN for an empty sample.
    public func quantile(_ probability: Double) -> Double {
        precondition((0...1).contains(probability), "probability \(probability)")
        guard !sorted.isEmpty else { return .nan }
        let place = probability * Double(sorted.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }

    /// The median of the sample in which row i stands `weights[i]` times (whole numbers); NaN when all weights are 0.
    public func median(weights: [Double]) -> Double {
        precondition(weights.count == order.count, "\(weights.count) weights for \(order.count) values")
        let total = weights.reduce(0, +)
        guard total > 0 else { return .nan }
        // Places of the two middle copies, counted from 0; equal when the total is odd.
        let lower = ((total - 1) / 2).rounded(.down)
        let upper = (total / 2).rounded(.down)
        var seen = 0.0
        var lowerValue = Double.nan
        for (place, row) in order.enumerated() {
            seen += weights[row]
            if lowerValue.isNaN && seen > lower { lowerValue = sorted[place] }
            if seen > upper { return (lowerValue + sorted[place]) / 2 }
        }
        return .nan
    }
}
