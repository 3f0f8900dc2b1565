import Basics

/// Which training demonstrations a set of generated chunks recalls, and how concentrated that is.
struct RecallHistogram: Sendable {
    /// Rows that recall each training demonstration, in their order.
    let counts: [Int]  // [M]
    let concentration: Concentration.Estimates

    init(_ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        let demonstrations = evaluated.toTrain.demonstrations
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let recalled = evaluated.toTrain.recalledDemonstration.compactMap { columns[$0] }
        concentration = context.bootstrap(of: evaluated, "p08").estimates { weights in
            var mass = [Double](repeating: 0, count: demonstrations.count)
            for (column, weight) in zip(recalled, weights) { mass[column] += weight }
            return Concentration.measures(mass)
        }
        var counts = [Int](repeating: 0, count: demonstrations.count)
        for column in recalled { counts[column] += 1 }
        self.counts = counts
    }
}

/// The same numbers when each of `units` draws a demonstration in proportion to its training chunks: mean and the
/// central 95 % of the draws.
struct RandomRecall: Sendable {
    /// Share of the training chunks per demonstration.
    let shares: [Double]  // [M]
    let concentration: Concentration.Estimates

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
            return Concentration.measures(mass)
        }
        self.shares = shares
        concentration = Named(
            Dictionary(
                uniqueKeysWithValues: Concentration.Measure.allCases.map { measure in
                    let values = draws.map { $0[measure] }
                    return (
                        measure,
                        HierarchicalBootstrap.estimate(values.reduce(0, +) / Double(values.count), replicates: values)
                    )
                }))
    }
}
