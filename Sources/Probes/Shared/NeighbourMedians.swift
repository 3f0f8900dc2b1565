/// Medians over rows of d1, d2, d1/d2 and S, with intervals over demonstrations. Rows without an S are left out of its
/// median.
struct NeighbourMedians: Sendable {
    let distance: Estimate
    let secondDistance: Estimate
    let ratio: Estimate
    let score: Estimate

    init(_ evaluated: EvaluatedChunks, bootstrap: HierarchicalBootstrap) {
        let first = SortedSample(evaluated.toTrain.distance.map(Double.init))
        let second = SortedSample(evaluated.toTrain.secondDistance.map(Double.init))
        let ratios = SortedSample(evaluated.ratio)
        let scored = evaluated.score.indices.filter { evaluated.score[$0] != nil }
        let scores = SortedSample(scored.compactMap { evaluated.score[$0] })
        let estimates = bootstrap.estimates { weights in
            [
                first.median(weights: weights), second.median(weights: weights), ratios.median(weights: weights),
                scores.median(weights: scored.map { weights[$0] }),
            ]
        }
        distance = estimates[0]
        secondDistance = estimates[1]
        ratio = estimates[2]
        score = estimates[3]
    }
}
