import Basics

/// AUROC, AUPR and FPR95 of every monitor under every shifted condition, from bootstrap replicates that all monitors
/// share, so that monitors can be compared in pairs.
struct DetectionBench: Sendable {
    struct Cell: Sendable {
        let auroc: Estimate
        let aupr: Estimate
        let fpr95: Estimate
        /// AUROC in every replicate; empty with fewer than two units on either side.
        let replicates: [Double]
    }

    /// By monitor, then condition.
    private(set) var cells: [String: [Condition: Cell]] = [:]
    private let order: [Condition]

    init(
        _ panel: MonitorPanel, heldout: MonitoredCondition, shifted: [MonitoredCondition], _ context: ProbeContext
    ) {
        order = shifted.map(\.condition)
        let negative = heldout.bootstrap(context)
        for condition in shifted {
            let positive = condition.bootstrap(context)
            let scored = panel.monitors.filter { $0.conditions[condition.condition] != nil }
            let rankings = scored.map {
                DetectionRanking(
                    positive: $0.conditions[condition.condition]?.score ?? [],
                    negative: $0.conditions[heldout.condition]?.score ?? [])
            }
            let enough = positive.units > 1 && negative.units > 1
            let drawn = context.pool.map(count: enough ? context.resamples : 0) { replicate in
                let positives = positive.weights(replicate: replicate)
                let negatives = negative.weights(replicate: replicate)
                return rankings.map { $0.scores(positiveWeights: positives, negativeWeights: negatives) }
            }
            for (index, monitor) in scored.enumerated() {
                let plain = rankings[index].scores(
                    positiveWeights: [Double](repeating: 1, count: positive.count),
                    negativeWeights: [Double](repeating: 1, count: negative.count))
                let own = drawn.map { $0[index] }
                func estimate(_ part: KeyPath<DetectionScores, Double>) -> Estimate {
                    HierarchicalBootstrap.estimate(plain[keyPath: part], replicates: own.map { $0[keyPath: part] })
                }
                cells[monitor.name, default: [:]][condition.condition] = Cell(
                    auroc: estimate(\.auroc), aupr: estimate(\.aupr), fpr95: estimate(\.fpr95),
                    replicates: own.map(\.auroc))
            }
        }
    }

    /// The conditions a monitor has a score under.
    func conditions(_ monitor: String) -> [Condition] { order.filter { cells[monitor]?[$0] != nil } }

    /// Mean AUROC over all shifted conditions the monitor was asked about, each weighing the same.
    func pooled(_ monitor: String) -> (estimate: Estimate, replicates: [Double])? {
        let own = conditions(monitor).compactMap { cells[monitor]?[$0] }
        guard !own.isEmpty else { return nil }
        let value = own.compactMap(\.auroc.value).reduce(0, +) / Double(own.count)
        let length = own.map(\.replicates.count).min() ?? 0
        let replicates = (0..<length).map { draw in
            own.reduce(0.0) { $0 + $1.replicates[draw] } / Double(own.count)
        }
        return (HierarchicalBootstrap.estimate(value, replicates: replicates), replicates)
    }

    /// Pooled AUROC of a monitor minus that of the best rival, the best chosen anew in every replicate; only rivals
    /// asked about every condition the monitor was. `best` is the best rival's own AUROC.
    func advantage(of monitor: String, over rivals: [String]) -> (estimate: Estimate, best: Double, rival: String)? {
        let own = conditions(monitor)
        let fair = rivals.filter { conditions($0) == own }
        let pooledRivals = fair.compactMap { rival in pooled(rival).map { (name: rival, pooled: $0) } }
        guard let mine = pooled(monitor), let value = mine.estimate.value,
            let best = pooledRivals.max(by: { ($0.pooled.estimate.value ?? 0) < ($1.pooled.estimate.value ?? 0) }),
            let highest = best.pooled.estimate.value
        else { return nil }
        let replicates = mine.replicates.indices.map { draw in
            mine.replicates[draw] - (pooledRivals.map { $0.pooled.replicates[draw] }.max() ?? .nan)
        }
        return (HierarchicalBootstrap.estimate(value - highest, replicates: replicates), highest, best.name)
    }
}

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
