import Basics
import Foundation

/// A value with its 95 % interval. What could not be computed is nil; what is left of 0 by rounding is 0.
public struct Estimate: Sendable, Equatable, Codable {
    public var value: Double?
    public var low: Double?
    public var high: Double?

    public init(value: Double?, low: Double? = nil, high: Double? = nil) {
        self.value = value?.withoutRounding
        self.low = low?.withoutRounding
        self.high = high?.withoutRounding
    }

    func lies(above bound: Double) -> Bool { low.map { $0 > bound } ?? false }
    func lies(below bound: Double) -> Bool { high.map { $0 < bound } ?? false }
    func contains(_ point: Double) -> Bool {
        guard let low, let high else { return false }
        return low <= point && point <= high
    }
}

extension Double {
    /// 0 for what sums and differences of numbers around 1 leave in place of it. Every statistic here is of that order: distances in
    /// standard deviations, shares, ratios, ranks, seconds and bytes of a query.
    var withoutRounding: Double { magnitude < 1e-12 ? 0 : self }
}

extension Column {
    /// A value with `ci_low` and `ci_high`.
    public static func interval(_ value: String, _ path: WritableKeyPath<Row, Estimate>) -> Column {
        interval(value, "ci_low", "ci_high", path)
    }

    /// A value and the ends of its interval under names of their own.
    static func interval(
        _ value: String, _ low: String, _ high: String, _ path: WritableKeyPath<Row, Estimate>
    ) -> Column {
        Column(path, [Column<Estimate>(value, \.value), Column<Estimate>(low, \.low), Column<Estimate>(high, \.high)])
    }

    /// `name`, `name_low`, `name_high`.
    static func bounds(_ name: String, _ path: WritableKeyPath<Row, Estimate>) -> Column {
        interval(name, "\(name)_low", "\(name)_high", path)
    }
}

/// Quantiles of the standard normal distribution.
enum NormalQuantile {
    static let p80 = 0.8416212335729143  // Φ⁻¹(0.8)
    static let p95 = 1.6448536269514722  // Φ⁻¹(0.95)
    static let p975 = 1.959963984540054  // Φ⁻¹(0.975)
}

/// Wilson's score interval for a proportion (Wilson 1927), 95 %.
public enum Wilson {
    /// - Parameters:
    ///   - share: observed proportion in 0 ... 1.
    ///   - count: number of INDEPENDENT units, which may be fewer than the rows averaged.
    public static func estimate(share: Double, count: Int) -> Estimate {
        precondition((0...1).contains(share) && count >= 0, "share \(share) of \(count)")
        guard count > 0 else { return Estimate(value: nil) }
        let z = NormalQuantile.p975
        let n = Double(count)
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        // At a share of 0 or 1 that end is exact; rounding would leave 1e-17 there.
        return Estimate(value: share, low: share == 0 ? 0 : centre - half, high: share == 1 ? 1 : centre + half)
    }
}

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
        let (errorBelow, errorAbove) = ((value - low) / NormalQuantile.p975, (high - value) / NormalQuantile.p975)
        difference = value
        self.low = value - NormalQuantile.p95 * errorBelow
        self.high = value + NormalQuantile.p95 * errorAbove
        self.margin = margin
        pValue = max(Self.tail(value + margin, errorBelow), Self.tail(margin - value, errorAbove))
    }

    /// P(N(0, error) > distance); a step where the error is 0.
    private static func tail(_ distance: Double, _ error: Double) -> Double {
        error > 0 ? erfc(distance / error / 2.0.squareRoot()) / 2 : (distance > 0 ? 0 : 1)
    }
}
