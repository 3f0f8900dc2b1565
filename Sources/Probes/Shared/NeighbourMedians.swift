/// Medians over rows of d1, d2, d1/d2 and S, with intervals over demonstrations. Rows without an S are left out of its
/// median.
struct NeighbourMedians: Sendable {
    enum Median: CaseIterable, Sendable { case distance, secondDistance, ratio, score }
    private let estimates: Named<Median, Estimate>

    init(_ evaluated: EvaluatedChunks, bootstrap: HierarchicalBootstrap) {
        let first = SortedSample(evaluated.toTrain.distance.map(Double.init))
        let second = SortedSample(evaluated.toTrain.secondDistance.map(Double.init))
        let ratios = SortedSample(evaluated.ratio)
        let scored = evaluated.score.indices.filter { evaluated.score[$0] != nil }
        let scores = SortedSample(scored.compactMap { evaluated.score[$0] })
        estimates = bootstrap.estimates { weights in
            [
                Median.distance: first.median(weights: weights), .secondDistance: second.median(weights: weights),
                .ratio: ratios.median(weights: weights), .score: scores.median(weights: scored.map { weights[$0] }),
            ]
        }
    }

    subscript(median: Median) -> Estimate { estimates[median] }
}
