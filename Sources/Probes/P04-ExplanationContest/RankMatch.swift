import Basics

/// Whether a policy recalls windows whose observations are near the one it was asked about, in one space.
///
/// The percentile of window j at an observation is the share of the windows of OTHER demonstrations than j's that lie
/// nearer to the observation, ties half: 0 when none does. Windows of j's own demonstration do not count, because j ± 1
/// always lie near j. Averaged over windows drawn at random it is one half.
struct RankMatch: Sendable {
    static let draws = 999
    private enum Percentile: CaseIterable { case own, heldout, difference }

    let space: Space
    let percentile: Estimate
    /// The same for the window nearest to the true chunk: smooth actions alone recall near observations.
    let heldout: Estimate
    /// percentile - heldout, paired by row.
    let difference: Estimate
    /// Mean percentile when whole demonstrations of observations change places.
    let permuted: Double
    /// Share of the permutations with a percentile as small; one-sided.
    let p: Double

    /// - Parameters:
    ///   - percentiles: by row of the true chunks, then training window.
    ///   - rows: rows of `evaluated` that have a true chunk.
    init?(
        _ evaluated: EvaluatedChunks, space: Space, percentiles: [[Float]], rows: [Int], _ truth: ConditionTruth,
        _ context: ProbeContext
    ) {
        guard let truthToTrain = evaluated.truthToTrain, !rows.isEmpty else { return nil }
        let generated = evaluated.generated
        let places = rows.compactMap { truth.row(generated.observation[$0]) }
        let recalled = rows.map { evaluated.toTrain.index[$0] }
        let own = zip(places, recalled).map { Double(percentiles[$0][$1]) }
        let control = zip(places, rows).map { Double(percentiles[$0][truthToTrain.index[$1]]) }
        let seed = context.seed / "p04" / "rank_match" / evaluated.policy / space.name
        let estimates = context.bootstrap(clusters: rows.map { generated.cluster[$0] }, stream: seed).estimates { weights in
            let mine = weightedMean(own, weights)
            let theirs = weightedMean(control, weights)
            return [Percentile.own: mine, .heldout: theirs, .difference: mine - theirs]
        }
        let exchange = LabelPermutation(demonstration: truth.chunks.demonstration)
        let drawn = context.pool.map(count: Self.draws) { draw in
            var source = RandomSource(seed / "permutation" / draw)
            let other = exchange.rows(&source)
            return zip(places, recalled).reduce(0) { $0 + Double(percentiles[other[$1.0]][$1.1]) } / Double(rows.count)
        }
        let observed = own.reduce(0, +) / Double(rows.count)
        self.space = space
        percentile = estimates[.own]
        heldout = estimates[.heldout]
        difference = estimates[.difference]
        permuted = drawn.reduce(0, +) / Double(Self.draws)
        p = Double(drawn.count { $0 <= observed } + 1) / Double(Self.draws + 1)
    }

    /// The percentile of every training window at one observation.
    static func percentiles(squared: [Float], demonstration: [Int]) -> [Float] {
        /// Windows of `rows` nearer than each, ties half (the window itself included).
        func below(_ rows: [Int], into counts: inout [Float], sign: Float) {
            let order = rows.sorted { squared[$0] < squared[$1] }
            var start = 0
            while start < order.count {
                var end = start + 1
                while end < order.count && squared[order[end]] == squared[order[start]] { end += 1 }
                for place in start..<end { counts[order[place]] += sign * (Float(start) + Float(end - start) / 2) }
                start = end
            }
        }
        var counts = [Float](repeating: 0, count: squared.count)
        below(Array(squared.indices), into: &counts, sign: 1)
        let groups = Dictionary(grouping: squared.indices) { demonstration[$0] }
        for rows in groups.values {
            below(rows, into: &counts, sign: -1)
            for row in rows { counts[row] /= Float(squared.count - rows.count) }
        }
        return counts
    }
}
