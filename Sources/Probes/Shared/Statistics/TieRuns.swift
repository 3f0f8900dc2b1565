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
