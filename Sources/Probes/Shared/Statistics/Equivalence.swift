import Foundation

/// Two one-sided tests (Schuirmann 1987): two things are equivalent when the 90 % interval of their difference lies
/// within ± a margin fixed beforehand, which is both one-sided tests at 5 %.
public struct Equivalence: Sendable, Equatable {
    public let difference: Double
    /// 90 % interval.
    public let low: Double
    public let high: Double
    public let margin: Double
    /// The larger p of the two one-sided tests.
    public let pValue: Double

    public var isEquivalent: Bool { -margin < low && high < margin }
    /// The whole interval lies beyond the margin on one side.
    public var isDifferent: Bool { low > margin || high < -margin }

    /// From bootstrap replicates of a (paired) difference: percentile interval, p = (replicates beyond the bound + 1) /
    /// (replicates + 1). Replicates that are not finite are left out; nil when fewer than two are left.
    public init?(difference: Double, replicates: [Double], margin: Double) {
        precondition(margin > 0, "margin \(margin)")
        let sample = SortedSample(replicates.filter(\.isFinite))
        guard difference.isFinite, sample.sorted.count > 1 else { return nil }
        let below = sample.sorted.count { $0 <= -margin }
        let above = sample.sorted.count { $0 >= margin }
        self.difference = difference
        low = sample.quantile(0.05)
        high = sample.quantile(0.95)
        self.margin = margin
        pValue = Double(max(below, above) + 1) / Double(sample.sorted.count + 1)
    }

    /// From a difference with its 95 % interval, taken as normal on each side of the value: the standard error of a side
    /// is its half width / Φ⁻¹(0.975). Nil without an interval.
    public init?(_ estimate: Estimate, margin: Double) {
        precondition(margin > 0, "margin \(margin)")
        guard let value = estimate.value, let low = estimate.low, let high = estimate.high else { return nil }
        let (errorBelow, errorAbove) = ((value - low) / Self.z975, (high - value) / Self.z975)
        difference = value
        self.low = value - Self.z95 * errorBelow
        self.high = value + Self.z95 * errorAbove
        self.margin = margin
        pValue = max(Self.tail(value + margin, errorBelow), Self.tail(margin - value, errorAbove))
    }

    private static let z95 = 1.6448536269514722  // Φ⁻¹(0.95)
    private static let z975 = 1.959963984540054  // Φ⁻¹(0.975)

    /// P(N(0, error) > distance); a step where the error is 0.
    private static func tail(_ distance: Double, _ error: Double) -> Double {
        error > 0 ? erfc(distance / error / 2.0.squareRoot()) / 2 : (distance > 0 ? 0 : 1)
    }
}
