import Foundation

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

/// How concentrated a histogram is.
public enum Concentration {
    /// With the name in tables.
    enum Measure: String, CaseIterable, Sendable { case entropy, topTwoMass = "top_2_mass" }
    typealias Estimates = Named<Measure, Estimate>

    static func measures(_ counts: [Double]) -> Named<Measure, Double> {
        [.entropy: entropy(counts), .topTwoMass: topTwoMass(counts)]
    }

    /// Shannon entropy in nats of the distribution proportional to `counts`; NaN when all are 0.
    public static func entropy(_ counts: [Double]) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return .nan }
        var sum = 0.0
        for count in counts where count > 0 { sum -= count / total * log(count / total) }
        return sum
    }

    /// Share of the two largest counts; NaN when all are 0.
    public static func topTwoMass(_ counts: [Double]) -> Double {
        var largest = 0.0
        var second = 0.0
        var total = 0.0
        for count in counts {
            total += count
            if count > largest {
                (largest, second) = (count, largest)
            } else if count > second {
                second = count
            }
        }
        return total > 0 ? (largest + second) / total : .nan
    }
}

/// A straight line through points by least squares.
enum LeastSquares {
    /// The slope of y on x; NaN where x does not vary or a value is not finite.
    static func slope(_ x: [Double], _ y: [Double]) -> Double {
        precondition(x.count == y.count, "\(x.count) abscissae for \(y.count) ordinates")
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        var products = 0.0
        var squares = 0.0
        for (x, y) in zip(x, y) {
            products += (x - meanX) * (y - meanY)
            squares += (x - meanX) * (x - meanX)
        }
        return products / squares
    }
}

/// TwoNN estimate of intrinsic dimension (Facco et al. 2017): k = n / Σ ln(d2 / d1).
///
/// The neighbours come from a `NearestChunks` that leaves out the point's own demonstration and takes d2 from a third
/// one: windows of one demonstration overlap and would be their own neighbours. What is estimated is therefore the
/// dimension ACROSS demonstrations, one less than that of the whole chunk set when demonstrations are curves in it. It
/// is the k that fits d1 / d2 as the probes define it, and so the null c^k of P03.
struct IntrinsicDimension: Sendable {
    /// ln(d2 / d1) per row; nil where d1 is 0 (a duplicate) or no third demonstration exists.
    let logRatios: [Double?]

    init(_ neighbours: NearestChunks) {
        logRatios = zip(neighbours.distance, neighbours.secondDistance).map { first, second in
            first > 0 && second.isFinite ? log(Double(second) / Double(first)) : nil
        }
    }

    /// Rows the estimate can use.
    var used: Int { logRatios.count { $0 != nil } }

    /// k with row i standing `weights[i]` times; not finite when no row can be used or all ratios are 1.
    func estimate(weights: [Double]) -> Double {
        var total = 0.0
        var sum = 0.0
        for (ratio, weight) in zip(logRatios, weights) {
            guard let ratio else { continue }
            total += weight
            sum += weight * ratio
        }
        return total / sum
    }
}
