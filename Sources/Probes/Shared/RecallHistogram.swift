import Basics

/// Which training demonstrations a set of generated chunks recalls, and how concentrated that is.
struct RecallHistogram: Sendable {
    /// Rows that recall each training demonstration, in their order.
    let counts: [Int]  // [M]
    let entropy: Estimate
    let topTwoMass: Estimate

    init(_ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        let demonstrations = evaluated.toTrain.demonstrations
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let recalled = evaluated.toTrain.recalledDemonstration.compactMap { columns[$0] }
        let estimates = evaluated.bootstrap("p08", in: context).estimates { weights in
            var mass = [Double](repeating: 0, count: demonstrations.count)
            for (column, weight) in zip(recalled, weights) { mass[column] += weight }
            return [Concentration.entropy(mass), Concentration.topTwoMass(mass)]
        }
        var counts = [Int](repeating: 0, count: demonstrations.count)
        for column in recalled { counts[column] += 1 }
        self.counts = counts
        entropy = estimates[0]
        topTwoMass = estimates[1]
    }
}

/// The same numbers when each of `units` draws a demonstration in proportion to its training chunks: mean and the
/// central 95 % of the draws.
struct RandomRecall: Sendable {
    /// Share of the training chunks per demonstration.
    let shares: [Double]  // [M]
    let entropy: Estimate
    let topTwoMass: Estimate

    init(units: Int, _ context: ProbeContext) {
        let demonstrations = context.train.demonstrations
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let labels = context.train.demonstration.compactMap { columns[$0] }
        var shares = [Double](repeating: 0, count: demonstrations.count)
        for label in labels { shares[label] += 1 / Double(labels.count) }
        let draws = context.pool.map(count: context.resamples) { draw in
            var source = RandomSource(context.seed / "p08" / "random_train" / units / draw)
            var mass = [Double](repeating: 0, count: demonstrations.count)
            for _ in 0..<units { mass[labels[source.index(below: labels.count)]] += 1 }
            return (entropy: Concentration.entropy(mass), top: Concentration.topTwoMass(mass))
        }
        func summary(_ values: [Double]) -> Estimate {
            HierarchicalBootstrap.estimate(values.reduce(0, +) / Double(values.count), replicates: values)
        }
        self.shares = shares
        entropy = summary(draws.map(\.entropy))
        topTwoMass = summary(draws.map(\.top))
    }
}
