/// Spearman's rank correlation with average ranks for ties (Spearman 1904).
public enum Spearman {
    /// NaN when one of the two is constant or there are fewer than two rows.
    public static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        RankCorrelation(x, y).correlation(weights: [Double](repeating: 1, count: x.count))
    }
}

/// Spearman's correlation of rows that are sorted once and then taken under many weightings, for the bootstrap.
public struct RankCorrelation: Sendable {
    private let first: TieRuns
    private let second: TieRuns
    private let count: Int

    public init(_ x: [Double], _ y: [Double]) {
        precondition(x.count == y.count, "\(x.count) values against \(y.count)")
        first = TieRuns(x)
        second = TieRuns(y)
        count = x.count
    }

    /// The correlation in the sample where row i stands `weights[i]` times, ranks taken in that sample; NaN when it is
    /// constant in one of the two.
    public func correlation(weights: [Double]) -> Double {
        precondition(weights.count == count, "\(weights.count) weights for \(count) rows")
        let x = first.averageRanks(weights: weights)
        let y = second.averageRanks(weights: weights)
        let centre = (weights.reduce(0, +) + 1) / 2
        var (products, squaresX, squaresY) = (0.0, 0.0, 0.0)
        for row in 0..<count {
            let (dx, dy) = (x[row] - centre, y[row] - centre)
            products += weights[row] * dx * dy
            squaresX += weights[row] * dx * dx
            squaresY += weights[row] * dy * dy
        }
        return products / (squaresX * squaresY).squareRoot()
    }
}
