/// The difference of two independent proportions with Newcombe's hybrid score interval, 95 % (Newcombe 1998, method
/// 10): Wilson's intervals of both combined by squares.
public enum Newcombe {
    /// `share` - `minus`; nil where one of the two has no unit. Counts are INDEPENDENT units.
    public static func difference(
        share: Double, count: Int, minus other: Double, count otherCount: Int
    ) -> Estimate {
        let first = Wilson.estimate(share: share, count: count)
        let second = Wilson.estimate(share: other, count: otherCount)
        guard let low = first.low, let high = first.high, let otherLow = second.low, let otherHigh = second.high else {
            return Estimate(value: nil)
        }
        func norm(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        return Estimate(
            value: share - other, low: share - other - norm(share - low, otherHigh - other),
            high: share - other + norm(high - share, other - otherLow))
    }
}
