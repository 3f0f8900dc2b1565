import Foundation

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
