import Basics

/// Everything the probes read: true chunks of the three splits, what the policies generated, and what
/// else was measured.
///
/// Making one validates the arrays and computes the nearest chunks once for all probes.
public struct ProbeContext: Sendable {
    public let metric: ChunkMetric
    /// Training split T.
    public let train: Chunks
    /// Reference split R, unseen in training, with as many demonstrations as T.
    public let reference: Chunks?
    /// Query split Q, where held-out observations come from.
    public let query: Chunks?
    public let measurements: Measurements
    public let rules: DecisionRules
    public let resamples: Int
    public let seed: Seed
    public let pool: WorkerPool

    /// `generated` with distances.
    public let evaluated: [EvaluatedChunks]
    /// The true query chunks passed through the same measurements as a policy's: the floor that matters. Nil without Q.
    public let heldout: EvaluatedChunks?
    /// Each training chunk's nearest chunks of other demonstrations; `distance` is D12.
    public let trainNeighbours: NearestChunks
    public let medianD12: Double
    let scaledTrain: ScaledChunks
    /// The fit of every policy that was run under `train` with true chunks, by policy.
    let fits: [String: FitCheck]

    public var generated: [GeneratedChunks] { evaluated.map(\.generated) }

    /// The space that probes use where they need just one.
    var space: ObservationSpace? { measurements.spaces.first }

    /// How a policy was trained; nil for one that was not.
    func record(_ policy: String) -> PolicyRecord? { measurements.records.first { $0.policy == policy } }

    /// What one policy generated under one condition.
    func evaluated(_ policy: String, _ condition: String) -> EvaluatedChunks? {
        evaluated.first { $0.policy == policy && $0.condition == condition }
    }

    /// The true chunks of a condition's observations, in their order; nil where they have none.
    func truth(_ condition: String) -> Chunks? {
        guard let generated = evaluated.first(where: { $0.condition == condition && $0.generated.truth != nil })?.generated,
            let truth = generated.truth
        else { return nil }
        var rows: [Int: Int] = [:]
        for (row, observation) in generated.observation.enumerated() where rows[observation] == nil {
            rows[observation] = row
        }
        return truth.selecting(rows.keys.sorted().compactMap { rows[$0] })
    }

    /// - Throws: `Failure` for empty or single-demonstration training data, differing shapes, overlapping splits, rows
    ///   of features that do not match, two generations of one policy and condition, or values that are not finite
    ///   (naming policy, condition and row).
    public init(
        train: Chunks, reference: Chunks? = nil, query: Chunks? = nil, generated: [GeneratedChunks] = [],
        measurements: Measurements = Measurements(), rules: DecisionRules = DecisionRules(), resamples: Int = 2000,
        seed: Seed, pool: WorkerPool = WorkerPool(workers: 1)
    ) throws {
        precondition(resamples > 0, "\(resamples) resamples")
        try Self.validate(train: train, reference: reference, query: query, generated: generated)
        for space in measurements.spaces { try Self.validate(space, train: train, generated: generated) }
        let metric = try ChunkMetric.fit(train)
        let scaledTrain = metric.scaled(train)
        let scaledReference = reference.map(metric.scaled)
        let neighbours = NearestChunks(
            of: scaledTrain, in: scaledTrain, excludingOwnDemonstration: true, pool: pool)
        func evaluate(_ generated: GeneratedChunks) -> EvaluatedChunks {
            EvaluatedChunks(
                generated, metric: metric, train: scaledTrain, reference: scaledReference, pool: pool)
        }
        self.metric = metric
        self.train = train
        self.reference = reference
        self.query = query
        self.measurements = measurements
        self.rules = rules
        self.resamples = resamples
        self.seed = seed
        self.pool = pool
        self.scaledTrain = scaledTrain
        trainNeighbours = neighbours
        let medianD12 = SortedSample(neighbours.distance.map(Double.init)).quantile(0.5)
        self.medianD12 = medianD12
        let evaluated = generated.map(evaluate)
        self.evaluated = evaluated
        var fits: [String: FitCheck] = [:]
        for evaluated in evaluated where evaluated.condition == GeneratedChunks.Condition.train {
            let bootstrap = HierarchicalBootstrap(
                levels: [evaluated.generated.cluster], resamples: resamples, seed: seed / "fit" / evaluated.policy,
                pool: pool)
            fits[evaluated.policy] = FitCheck(
                evaluated, medianD12: medianD12, threshold: rules.fit, bootstrap: bootstrap)
        }
        self.fits = fits
        heldout = query.map { query in
            evaluate(
                GeneratedChunks(
                    policy: "truth", condition: GeneratedChunks.Condition.heldout, chunks: query,
                    observation: Array(0..<query.count), sample: [Int](repeating: 0, count: query.count),
                    truth: query))
        }
    }

    /// Bootstrap that resamples clusters, then rows within them.
    func bootstrap(clusters: [Int], stream: Seed) -> HierarchicalBootstrap {
        HierarchicalBootstrap(levels: [clusters], resamples: resamples, seed: stream / "bootstrap", pool: pool)
    }

    /// - Throws: `Failure` when no generated chunks are of the condition a probe needs.
    func requireEvaluated(_ probe: String, where needed: String, _ admits: (EvaluatedChunks) -> Bool) throws
        -> [EvaluatedChunks]
    {
        let rows = evaluated.filter(admits)
        guard !rows.isEmpty else {
            throw Failure(
                .data, "probe \(probe) has nothing to measure", at: "generated action sequences", expected: needed,
                found: evaluated.isEmpty
                    ? "none" : evaluated.map { "\($0.policy)/\($0.condition)" }.joined(separator: ", "),
                remedy: "run the policies under that condition, or leave \(probe) out of the list of probes")
        }
        return rows
    }
}
