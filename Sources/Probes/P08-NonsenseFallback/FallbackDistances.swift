import Basics

/// How near what policies answer comes to a training sequence, in units of how near held-out truth comes.
struct FallbackDistances: Sendable {
    /// A row of `p08_distances`.
    struct Row: ProbeTable {
        static let name = "p08_distances"
        var policy = ""
        var condition = Condition("")
        /// Median d1 over that of held-out truth.
        var distance = Estimate(value: nil)
        /// The same for the training mean, and for training sequences with noise.
        var mean: Double?, jitter: Double?
        /// Median d1 over the median D12.
        var overD12: Double?

        static var columns: [Column<Row>] {
            [
                Column("policy", \.policy), Column("condition", \.condition), .interval("over_heldout", \.distance),
                Column("mean", \.mean), Column("jitter", \.jitter), Column("over_d12", \.overD12),
            ]
        }
    }

    let rows: [Row]
    private let evaluated: [EvaluatedChunks]

    /// Nil without held-out truth, and where truth is itself in the training set.
    init?(_ evaluated: [EvaluatedChunks], _ context: ProbeContext) {
        guard let truth = context.heldout.map({ NearestDistances($0.toTrain, $0.generated.cluster, "truth", context) }),
            truth.median > 0
        else { return nil }
        func over(_ chunks: Chunks) -> Double {
            let near = NearestChunks(of: context.metric.scaled(chunks), in: context.scaledTrain, pool: context.pool)
            return SortedSample(near.distance.map(Double.init)).quantile(0.5) / truth.median
        }
        let mean = over(ControlChunks.mean(context.train)), jitter = over(ControlChunks.jittered(context))
        self.evaluated = evaluated
        rows = evaluated.map { evaluated in
            let own = NearestDistances(
                evaluated.toTrain, evaluated.generated.cluster, "\(evaluated.policy) \(evaluated.condition)", context)
            return Row(
                policy: evaluated.policy.name, condition: evaluated.condition, distance: own.over(truth), mean: mean, jitter: jitter,
                overD12: context.medianD12 > 0 ? own.median / context.medianD12 : nil)
        }
    }

    func summary(_ context: ProbeContext) -> [SummaryRow] {
        zip(evaluated, rows).map { evaluated, row in
            let mean = Estimate(value: row.mean)
            return Endpoint.fallbackDistance.row(evaluated, row.distance, mean, Self.verdict(evaluated, row.distance, mean, context))
        }
    }

    private static func verdict(
        _ evaluated: EvaluatedChunks, _ distance: Estimate, _ mean: Estimate, _ context: ProbeContext
    ) -> Verdict {
        guard evaluated.condition != .heldout else { return .measured }
        if let withheld = context.withheld(evaluated) { return withheld }
        switch Endpoint.fallbackDistance.reading(distance, control: mean, context.rules) {
        case .supports: return .closerThanHeldout
        case .contradicts: return .fartherThanHeldout
        case .open, .shown: return .undecided
        }
    }
}

/// A median of d1 with its replicates over independent units, for ratios.
private struct NearestDistances {
    let median: Double
    /// None for a single unit.
    private let replicates: [Double]

    init(_ near: NearestChunks, _ cluster: [Int], _ name: String, _ context: ProbeContext) {
        let sample = SortedSample(near.distance.map(Double.init))
        let bootstrap = context.bootstrap(clusters: cluster, stream: context.seed / "p08" / "distance" / name)
        median = sample.quantile(0.5)
        replicates = bootstrap.units > 1 ? bootstrap.replicates { [sample.median(weights: $0)] }.map { $0[0] } : []
    }

    /// Both resampled, each over its own units.
    func over(_ other: NearestDistances) -> Estimate {
        let ratios = zip(replicates, other.replicates).map { $0 / $1 }.filter(\.isFinite)
        return HierarchicalBootstrap.estimate(median / other.median, replicates: ratios)
    }
}

extension Endpoint {
    /// Below that of held-out truth and of the training mean, a constant that no observation moves.
    static let fallbackDistance = Endpoint(
        "p08_distance", "distance to training",
        "median distance of sequences to the nearest training sequence over that of true held-out sequences",
        unit: "median d1 of held-out truth", control: Control("mean"), .loweredByMemory,
        criterion: { _ in
            Criterion(
                "supports: interval below 1, held-out truth, and below the training mean; contradicts: interval above 1",
                supports: { $0.estimate.lies(below: min(1, $0.control.value ?? 1)) },
                contradicts: { $0.estimate.lies(above: 1) })
        })
}
