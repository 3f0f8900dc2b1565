import Basics

/// Spearman's correlation of observation distance and action distance over pairs of training windows of different
/// demonstrations.
struct PairCorrelation: Sendable {
    let estimate: Estimate
    /// Pairs used.
    let pairs: Int

    private static let limit = 20_000

    init(_ space: ObservationSpace, _ context: ProbeContext) {
        let (train, table) = (context.scaledTrain, space.table)
        let all = train.count * (train.count - 1) / 2
        let count = min(Self.limit, all)
        // Pair number p of the lower triangle is (i, j) with i (i - 1) / 2 + j = p and j < i.
        var first = 1
        var chosen: [(Int, Int)] = []
        for place in 0..<count {
            let number = (2 * place + 1) * all / (2 * count)
            while first * (first + 1) / 2 <= number { first += 1 }
            let second = number - first * (first - 1) / 2
            if train.demonstration[first] != train.demonstration[second] { chosen.append((first, second)) }
        }
        let ranks = RankCorrelation(
            chosen.map { Double(table.rootMeanSquare($0.0, to: $0.1, of: table)) },
            chosen.map { Double(train.distance($0.0, to: $0.1, of: train)) })
        let demonstrations = context.train.demonstrations
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let labels = train.demonstration.map { columns[$0] ?? 0 }
        let ends = chosen.map { (labels[$0.0], labels[$0.1]) }
        let bootstrap = HierarchicalBootstrap(
            levels: [], rowCount: demonstrations.count, resamples: context.resamples,
            seed: context.seed / "p25" / space.name / "pairs", pool: context.pool)
        estimate = bootstrap.estimate { weights in
            ranks.correlation(weights: ends.map { weights[$0.0] * weights[$0.1] })
        }
        pairs = chosen.count
    }
}
