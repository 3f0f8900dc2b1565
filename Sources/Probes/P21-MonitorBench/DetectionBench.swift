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

        /// Where there is nothing to tell apart.
        static let missing = Cell(auroc: Estimate(value: nil), aupr: Estimate(value: nil), fpr95: Estimate(value: nil), replicates: [])

        var area: Advantage.Area { (auroc, replicates) }
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
            let found = Self.cells(
                rankings, positives: positive.count, negatives: negative.count, draws: enough ? context.resamples : 0, context.pool
            ) { (positive.weights(replicate: $0), negative.weights(replicate: $0)) }
            for (monitor, cell) in zip(scored, found) { cells[monitor.name, default: [:]][condition.condition] = cell }
        }
    }

    /// Several scores of the same rows under the same draws.
    /// - Parameters:
    ///   - draws: replicates; 0 for no intervals.
    ///   - weights: how often each positive and each negative was drawn in one replicate.
    static func cells(
        _ rankings: [DetectionRanking], positives: Int, negatives: Int, draws: Int, _ pool: WorkerPool,
        weights: @Sendable (_ replicate: Int) -> (positive: [Double], negative: [Double])
    ) -> [Cell] {
        let drawn = pool.map(count: draws) { replicate in
            let drawn = weights(replicate)
            return rankings.map { $0.scores(positiveWeights: drawn.positive, negativeWeights: drawn.negative) }
        }
        return rankings.enumerated().map { index, ranking in
            let plain = ranking.scores(
                positiveWeights: [Double](repeating: 1, count: positives), negativeWeights: [Double](repeating: 1, count: negatives))
            let own = drawn.map { $0[index] }
            func estimate(_ part: KeyPath<DetectionScores, Double>) -> Estimate {
                HierarchicalBootstrap.estimate(plain[keyPath: part], replicates: own.map { $0[keyPath: part] })
            }
            return Cell(auroc: estimate(\.auroc), aupr: estimate(\.aupr), fpr95: estimate(\.fpr95), replicates: own.map(\.auroc))
        }
    }

    /// The conditions a monitor has a score under.
    func conditions(_ monitor: String) -> [Condition] { order.filter { cells[monitor]?[$0] != nil } }

    /// Mean AUROC over all shifted conditions the monitor was asked about, each weighing the same.
    func pooled(_ monitor: String) -> Advantage.Area? {
        let own = conditions(monitor).compactMap { cells[monitor]?[$0] }
        guard !own.isEmpty else { return nil }
        let value = own.compactMap(\.auroc.value).reduce(0, +) / Double(own.count)
        let length = own.map(\.replicates.count).min() ?? 0
        let replicates = (0..<length).map { draw in
            own.reduce(0.0) { $0 + $1.replicates[draw] } / Double(own.count)
        }
        return (HierarchicalBootstrap.estimate(value, replicates: replicates), replicates)
    }

    /// By pooled AUROC; only rivals asked about every condition the monitor was.
    func advantage(of monitor: String, over rivals: [String]) -> Advantage? {
        let own = conditions(monitor)
        let fair = rivals.filter { conditions($0) == own }
        return pooled(monitor).flatMap { mine in
            Advantage(of: mine, over: fair.compactMap { rival in pooled(rival).map { (rival, $0) } })
        }
    }
}

/// AUROC of a monitor minus that of the best rival, the best chosen anew in every replicate.
struct Advantage: Sendable {
    /// An AUROC with its value in every replicate.
    typealias Area = (estimate: Estimate, replicates: [Double])

    let estimate: Estimate
    /// The best rival, and its own AUROC.
    let rival: String
    let best: Double

    /// Nil where the monitor has no AUROC, or there is no rival.
    init?(of mine: Area, over rivals: [(name: String, area: Area)]) {
        guard let value = mine.estimate.value,
            let best = rivals.max(by: { ($0.area.estimate.value ?? 0) < ($1.area.estimate.value ?? 0) }),
            let highest = best.area.estimate.value
        else { return nil }
        let replicates = mine.replicates.indices.map { draw in
            mine.replicates[draw] - (rivals.map { $0.area.replicates[draw] }.max() ?? .nan)
        }
        estimate = HierarchicalBootstrap.estimate(value - highest, replicates: replicates)
        (rival, self.best) = (best.name, highest)
    }

    /// The row of the lookup table's similarity: whether it beats its rivals or is beaten, by the sign of the interval.
    func row(_ endpoint: Endpoint, _ condition: Condition, n: Int, unit: String, _ rules: DecisionRules) -> SummaryRow {
        let verdict: Verdict =
            switch endpoint.reading(estimate, rules) {
            case .supports: .beatsRivals
            case .contradicts: .beaten
            case .open, .shown: .undecided
            }
        return endpoint.row(
            MonitorScores.tableSimilarity, condition, estimate, control: Control(rival), Estimate(value: best), n: n, unit: unit, verdict)
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
