/// Wilson's score interval for a proportion (Wilson 1927), 95 %.
public enum Wilson {
    /// - Parameters:
    ///   - share: observed proportion in 0 ... 1.
    ///   - count: number of INDEPENDENT units, which may be fewer than the rows averaged.
    public static func estimate(share: Double, count: Int) -> Estimate {
        precondition((0...1).contains(share) && count >= 0, "share \(share) of \(count)")
        guard count > 0 else { return Estimate(value: nil) }
        let z = 1.959963984540054  // Φ⁻¹(0.975)
        let n = Double(count)
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return Estimate(value: share, low: max(0, centre - half), high: min(1, centre + half))
    }
}
