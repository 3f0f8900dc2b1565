/// The Mann-Whitney comparison of two samples, with the tie-corrected normal approximation and no continuity
/// correction. Negative `z` means the first sample is the smaller one.
public struct MannWhitney: Sendable, Equatable {
    /// U of the first sample: pairs in which it is the larger one, ties counting half.
    public let u: Double
    /// P(first > second) + P(tie) / 2.
    public let area: Double
    /// (U - nm/2) / σ with σ² = nm/12 · ((N + 1) - Σ(t³ - t) / (N (N - 1))); 0 when all values are equal.
    public let z: Double

    /// - Precondition: neither sample is empty.
    public init(_ first: [Double], _ second: [Double]) {
        precondition(!first.isEmpty && !second.isEmpty, "samples of \(first.count) and \(second.count)")
        let pooled = TieRuns(first + second)
        let n = Double(first.count)
        let m = Double(second.count)
        let total = n + m
        var u = 0.0
        var secondBelow = 0.0
        var ties = 0.0
        for run in pooled.runs {
            let inFirst = Double(run.count { pooled.order[$0] < first.count })
            let size = Double(run.count)
            u += inFirst * (secondBelow + (size - inFirst) / 2)
            secondBelow += size - inFirst
            ties += size * size * size - size
        }
        self.u = u
        area = u / (n * m)
        let variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
        z = variance > 0 ? (u - n * m / 2) / variance.squareRoot() : 0
    }
}

/// The area of `MannWhitney` for paired rows under many weightings: row i of both samples stands `weights[i]` times.
struct WeightedArea: Sendable {
    private let pooled: TieRuns
    private let count: Int

    init(_ first: [Double], _ second: [Double]) {
        precondition(first.count == second.count, "paired samples of \(first.count) and \(second.count)")
        pooled = TieRuns(first + second)
        count = first.count
    }

    /// P(first > second) + P(tie) / 2; NaN when all weights are 0.
    func area(weights: [Double]) -> Double {
        var u = 0.0
        var secondBelow = 0.0
        for run in pooled.runs {
            var inFirst = 0.0
            var inSecond = 0.0
            for place in run {
                let row = pooled.order[place]
                if row < count { inFirst += weights[row] } else { inSecond += weights[row - count] }
            }
            u += inFirst * (secondBelow + inSecond / 2)
            secondBelow += inSecond
        }
        return u / (secondBelow * secondBelow)
    }
}

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

/// Rows of a sample in ascending order, cut into runs of equal values: what every rank statistic needs, sorted once.
struct TieRuns: Sendable {
    /// Rows by rising value.
    let order: [Int]
    /// Places in `order` that hold equal values.
    let runs: [Range<Int>]

    init(_ values: [Double]) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var runs: [Range<Int>] = []
        var start = 0
        for end in order.indices.dropFirst() where values[order[end]] != values[order[start]] {
            runs.append(start..<end)
            start = end
        }
        if start < order.count { runs.append(start..<order.count) }
        self.order = order
        self.runs = runs
    }

    /// The rank of each row in the sample where row i stands `weights[i]` times, counted from 1; copies and ties share
    /// the mean of their ranks. With unit weights the usual average ranks.
    func averageRanks(weights: [Double]) -> [Double] {
        var ranks = [Double](repeating: 0, count: weights.count)
        var below = 0.0
        for run in runs {
            var mass = 0.0
            for place in run { mass += weights[order[place]] }
            for place in run { ranks[order[place]] = below + (mass + 1) / 2 }
            below += mass
        }
        return ranks
    }
}
