import Basics

/// The endpoints that P26 asks again under every choice.
struct ChoiceScores: Sendable {
    /// Other c at which P26 asks f_mem; 1/3 is the standard.
    static let thresholds = [1.0 / 3, 0.2, 0.5, 0.8]

    let share: Estimate
    /// Median d1/d2.
    let ratio: Estimate
    /// f_mem at `thresholds`.
    let memorized: [Estimate]
    /// The weaker of C_T and its clustered form, as in P03; nil without true chunks.
    let proximity: Double?
    let units: Int

    /// - Parameter bootstrap: nil where no interval is wanted.
    init(_ distances: ChoiceDistances, bootstrap: HierarchicalBootstrap?) {
        let closer = EvaluatedChunks.closer(distances.train, distances.reference)
        let ratios = zip(distances.train, distances.second).map { $0 == 0 ? 0 : Double($0) / Double($1) }
        let sorted = SortedSample(ratios)
        let below = Self.thresholds.map { c in ratios.map { $0 < c ? 1.0 : 0 } }
        let generated = distances.train.map(Double.init)
        let truth = distances.truth.map { $0.map(Double.init) }
        let area = truth.map { WeightedArea(generated, $0) }
        let statistics: @Sendable ([Double]) -> [Double] = { weights in
            [weightedMean(closer, weights), sorted.median(weights: weights)]
                + below.map { weightedMean($0, weights) } + (area.map { [$0.area(weights: weights)] } ?? [])
        }
        let values = statistics([Double](repeating: 1, count: ratios.count))
        let drawn = bootstrap.map { $0.units > 1 ? $0.replicates(statistics) : [] } ?? []
        let estimates = values.indices.map { place in
            HierarchicalBootstrap.estimate(values[place], replicates: drawn.map { $0[place] })
        }
        share = estimates[0]
        ratio = estimates[1]
        memorized = below.indices.map { estimates[2 + $0] }
        units = bootstrap?.units ?? 0
        var seen: Set<Int> = []
        let once = distances.observation.indices.filter { seen.insert(distances.observation[$0]).inserted }
        proximity = truth.map { truth in
            let z = MannWhitney(generated, once.map { truth[$0] }).z
            let areas = drawn.compactMap(\.last).filter(\.isFinite)
            guard let deviation = TruthProximity.standardDeviation(areas), deviation > 0, let area = values.last else {
                return z
            }
            return max(z, (area - 0.5) / deviation)
        }
    }
}
