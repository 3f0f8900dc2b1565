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
