/// How well a score tells positives (out of distribution) from negatives (in distribution); larger means positive.
public struct DetectionScores: Sendable, Equatable {
    /// P(positive > negative) + P(tie) / 2: the Mann-Whitney area.
    public let auroc: Double
    /// Average precision Σ (R_n - R_{n-1}) P_n over falling thresholds, without interpolation (scikit-learn's).
    public let aupr: Double
    /// The smallest false positive rate among thresholds with a true positive rate of at least 0.95.
    public let fpr95: Double

    static let missing = DetectionScores(auroc: .nan, aupr: .nan, fpr95: .nan)

    init(auroc: Double, aupr: Double, fpr95: Double) {
        self.auroc = auroc
        self.aupr = aupr
        self.fpr95 = fpr95
    }

    public init(positive: [Double], negative: [Double]) {
        self = DetectionRanking(positive: positive, negative: negative).scores(
            positiveWeights: [Double](repeating: 1, count: positive.count),
            negativeWeights: [Double](repeating: 1, count: negative.count))
    }
}

/// `DetectionScores` of rows that are sorted once and then taken under many weightings, for the bootstrap over units.
public struct DetectionRanking: Sendable {
    private let pooled: TieRuns
    private let positives: Int

    public init(positive: [Double], negative: [Double]) {
        pooled = TieRuns(positive + negative)
        positives = positive.count
    }

    /// The scores where row i stands `weights[i]` times; NaN when all positives or all negatives weigh 0.
    public func scores(positiveWeights: [Double], negativeWeights: [Double]) -> DetectionScores {
        precondition(positiveWeights.count == positives, "\(positiveWeights.count) weights for \(positives) positives")
        let (all, none) = (positiveWeights.reduce(0, +), negativeWeights.reduce(0, +))
        guard all > 0, none > 0 else { return .missing }
        var (hits, alarms, area, precision, rate) = (0.0, 0.0, 0.0, 0.0, 1.0)
        for run in pooled.runs.reversed() {
            var (positive, negative) = (0.0, 0.0)
            for place in run {
                let row = pooled.order[place]
                if row < positives { positive += positiveWeights[row] } else { negative += negativeWeights[row - positives] }
            }
            guard positive + negative > 0 else { continue }
            area += negative * (hits + positive / 2)
            let wasBelow = hits / all < 0.95
            hits += positive
            alarms += negative
            precision += positive * hits / (hits + alarms)
            if wasBelow && hits / all >= 0.95 { rate = alarms / none }
        }
        return DetectionScores(auroc: area / (all * none), aupr: precision / all, fpr95: rate)
    }
}
