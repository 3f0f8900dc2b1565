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
    public private(set) var measurements: Measurements
    /// The same study with other demonstrations to train on.
    public private(set) var siblings: Siblings
    public private(set) var rules: DecisionRules
    public let resamples: Int
    public let seed: Seed
    let pool: WorkerPool

    /// What was generated, with distances.
    public let evaluated: [EvaluatedChunks]
    /// The true query chunks passed through the same measurements as a policy's: the floor that matters. Nil without Q.
    public let heldout: EvaluatedChunks?
    /// Each training chunk's nearest chunks of other demonstrations; `distance` is D12.
    public let trainNeighbours: NearestChunks
    public let medianD12: Double
    let scaledTrain: ScaledChunks
    /// The fit of every policy that was run under `train` with true chunks.
    private(set) var fits: [PolicyID: FitCheck]
    /// Numbers that a probe keeps, and who reads its rules; nil where nothing is kept.
    private var kept: KeptNumbers?
    private var reads: RuleReads?

    /// What a study is compared with: itself on other demonstrations.
    public struct Siblings: Sendable {
        /// With the reference demonstrations to train on and the training demonstrations as the reference: its policies are the
        /// twins of the ones here with the same name. One or none.
        public var twin: [ProbeContext] = []
        /// At other numbers of training demonstrations, each with as many for reference.
        public var sizes: [ProbeContext] = []
        /// Divided anew, each with its own twin.
        public var splits: [ProbeContext] = []
        /// On demonstrations that lie nearer or farther apart, this study among them where it is one of these.
        public var spacings: [Spaced] = []

        public init() {}
    }

    /// A study and how its demonstrations were made.
    public struct Spaced: Sendable {
        public let cell: SpacingCell
        public internal(set) var context: ProbeContext

        public init(cell: SpacingCell, context: ProbeContext) {
            self.cell = cell
            self.context = context
        }
    }

    /// - Throws: `Failure` for empty or single-demonstration training data, differing shapes, overlapping splits, rows
    ///   of features that do not match, two generations of one policy and condition, or values that are not finite
    ///   (naming policy, condition and row).
    public init(
        train: Chunks, reference: Chunks? = nil, query: Chunks? = nil, generated: [GeneratedChunks] = [],
        measurements: Measurements = Measurements(), siblings: Siblings = Siblings(),
        rules: DecisionRules = DecisionRules(), resamples: Int = 2000, seed: Seed, pool: WorkerPool = WorkerPool(workers: 1)
    ) throws {
        precondition(resamples > 0, "\(resamples) resamples")
        try Self.validate(train: train, reference: reference, query: query, generated: generated)
        for space in measurements.spaces { try Self.validate(space, train: train, generated: generated) }
        let metric = try ChunkMetric.fit(train)
        let scaledTrain = metric.scaled(train)
        let scaledReference = reference.map(metric.scaled)
        let neighbours = NearestChunks(of: scaledTrain, in: scaledTrain, excludingOwnDemonstration: true, pool: pool)
        func evaluate(_ generated: GeneratedChunks) -> EvaluatedChunks {
            EvaluatedChunks(generated, metric: metric, train: scaledTrain, reference: scaledReference, pool: pool)
        }
        self.metric = metric
        self.train = train
        self.reference = reference
        self.query = query
        self.measurements = measurements
        self.siblings = siblings
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
        var fits: [PolicyID: FitCheck] = [:]
        for evaluated in evaluated where evaluated.condition == .train {
            let bootstrap = HierarchicalBootstrap(
                levels: [evaluated.generated.cluster], resamples: resamples, seed: seed / "fit" / evaluated.policy, pool: pool)
            fits[evaluated.policy] = FitCheck(evaluated, medianD12: medianD12, rules: rules, bootstrap: bootstrap)
        }
        self.fits = fits
        heldout = query.map { query in
            evaluate(
                GeneratedChunks(
                    policy: .truth, condition: .heldout, chunks: query, observation: Array(0..<query.count),
                    sample: [Int](repeating: 0, count: query.count), truth: query))
        }
    }
}

extension ProbeContext {
    /// The context of one probe: with what it needs beside the answers, and rules that are watched.
    public func given(
        _ measurements: Measurements, siblings: Siblings, reads: RuleReads, kept: KeptNumbers
    ) throws -> ProbeContext {
        for space in measurements.spaces { try Self.validate(space, train: train, generated: generated) }
        var context = watched(by: reads)
        context.measurements = measurements
        context.siblings = siblings.watched(by: reads)
        context.kept = kept
        return context
    }

    /// The same with other siblings.
    public func with(_ siblings: Siblings) -> ProbeContext {
        var context = self
        context.siblings = siblings
        return context
    }

    fileprivate func watched(by reads: RuleReads) -> ProbeContext {
        var context = self
        context.siblings = siblings.watched(by: reads)
        context.rules = rules.watched(by: reads)
        context.fits = fits.mapValues { fit in
            var fit = fit
            fit.rules = fit.rules.watched(by: reads)
            return fit
        }
        context.reads = reads
        return context
    }

    /// What `compute` gives, or gave before on the same demonstrations and answers: for numbers that take seconds and
    /// depend on no rule, so that another rule is judged without them.
    /// - Parameter key: one for each place in a probe.
    func kept<Value: Codable>(_ key: String, _ compute: () throws -> Value) throws -> Value {
        guard let kept else { return try compute() }
        if let value = try kept.value(key, as: Value.self) { return value }
        let before = reads?.count
        let value = try compute()
        precondition(reads?.count == before, "\(key): numbers that are kept must not depend on a rule")
        try kept.add(key, value)
        return value
    }
}

extension ProbeContext.Siblings {
    fileprivate func watched(by reads: RuleReads) -> Self {
        var siblings = self
        siblings.twin = twin.map { $0.watched(by: reads) }
        siblings.sizes = sizes.map { $0.watched(by: reads) }
        siblings.splits = splits.map { $0.watched(by: reads) }
        siblings.spacings = spacings.map { ProbeContext.Spaced(cell: $0.cell, context: $0.context.watched(by: reads)) }
        return siblings
    }
}

/// What the probes ask a context for.
extension ProbeContext {
    /// The twin, where there is one.
    var twin: ProbeContext? { siblings.twin.first }

    public var generated: [GeneratedChunks] { evaluated.map(\.generated) }

    /// The policies that were asked anything, in their order.
    var policies: [PolicyID] { evaluated.distinct(\.policy) }

    /// The first policy of a role; nil where none was asked.
    func policy(_ role: PolicyRole) -> PolicyID? { evaluated.first { $0.policy.role == role }?.policy }

    /// The space that probes use where they need just one.
    var space: ObservationSpace? { measurements.spaces.first }

    /// How a policy was trained; nil for one that was not.
    func record(_ policy: PolicyID) -> PolicyRecord? { measurements.records.first { $0.policy == policy } }

    /// Policies trained on the same demonstrations for as many steps as `policy`, from other seeds.
    func otherSeeds(_ policy: PolicyID) -> [PolicyRecord] {
        guard let own = record(policy) else { return [] }
        return measurements.records.filter { $0.isRepeat(of: own) && $0.seed != own.seed }
    }

    /// What one policy generated under one condition.
    func evaluated(_ policy: PolicyID, _ condition: Condition) -> EvaluatedChunks? {
        evaluated.first { $0.policy == policy && $0.condition == condition }
    }

    /// What the first policy of a role generated under one condition.
    func evaluated(_ role: PolicyRole, _ condition: Condition) -> EvaluatedChunks? {
        policy(role).flatMap { evaluated($0, condition) }
    }

    /// What must be said of a policy under a condition instead of a claim; nil where a claim may be made.
    func withheld(_ evaluated: EvaluatedChunks) -> Verdict? {
        Verdict.withheld(condition: evaluated.condition, fit: fits[evaluated.policy])
    }

    /// Bootstrap that resamples clusters, then rows within them.
    func bootstrap(clusters: [Int], stream: Seed) -> HierarchicalBootstrap {
        HierarchicalBootstrap(levels: [clusters], resamples: resamples, seed: stream / "bootstrap", pool: pool)
    }

    /// Bootstrap over the rows' clusters, then the rows within; each probe has its own stream.
    func bootstrap(of evaluated: EvaluatedChunks, _ probe: String) -> HierarchicalBootstrap {
        bootstrap(clusters: evaluated.generated.cluster, stream: seed / probe / evaluated.policy / evaluated.condition)
    }

    /// Bootstrap over single units.
    func bootstrap(units: Int, seed: Seed) -> HierarchicalBootstrap {
        HierarchicalBootstrap(levels: [], rowCount: units, resamples: resamples, seed: seed, pool: pool)
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

    /// The true chunks of Q, measured against train and reference: what the DCR share is held against.
    /// - Throws: `Failure` without reference or query demonstrations.
    func requireFloor(_ probe: String) throws -> EvaluatedChunks {
        guard reference != nil, let heldout else {
            throw Failure(
                .data, "the DCR share needs three splits", at: "probe \(probe)",
                expected: "train, reference and query demonstrations",
                found: "no \(reference == nil ? "reference" : "query") demonstrations",
                remedy: "lower data.split.train and data.split.reference so that some demonstrations are left for each")
        }
        return heldout
    }

    /// The failure of a probe whose measurement is absent.
    static func nothing(_ probe: String, at place: String, expected: String, found: String = "none", remedy: String) -> Failure {
        Failure(
            .data, "probe \(probe) has nothing to measure", at: place, expected: expected, found: found,
            remedy: "\(remedy), or leave \(probe) out of the list of probes")
    }
}

/// Whether a policy has fitted its training windows: the median distance between what it samples at a training
/// observation and the true chunk there, over the median D12. Fitted means under one half.
///
/// Memory grows with training time, so a verdict about memory from a policy that has not fitted yet says nothing.
struct FitCheck: Sendable {
    /// Of which `fit` is the largest ratio that counts as fitted (exclusive).
    fileprivate(set) var rules: DecisionRules
    /// Median sampled error over the median D12, with its interval.
    let ratio: Estimate

    var isFitted: Bool { ratio.value.map { $0 < rules.fit } ?? false }

    /// Nil when the median D12 is 0, or `evaluated` has no true chunks.
    init?(_ evaluated: EvaluatedChunks, medianD12: Double, rules: DecisionRules, bootstrap: HierarchicalBootstrap) {
        guard medianD12 > 0, let errors = evaluated.errorToTruth else { return nil }
        self.rules = rules
        let sample = SortedSample(errors.map(Double.init))
        ratio = bootstrap.estimate { sample.median(weights: $0) / medianD12 }
    }
}

/// Which sample of which observation a row of a table is about; its first columns.
struct SampleKey: Record {
    var policy = ""
    var condition = Condition("")
    var demonstration = NamedDemonstration()
    var observation = 0, frame = 0, sample = 0

    init() {}

    init(_ evaluated: EvaluatedChunks, _ row: Int) {
        let generated = evaluated.generated
        policy = evaluated.policy.name
        condition = evaluated.condition
        observation = generated.observation[row]
        demonstration = generated.chunks.named(row)
        frame = generated.chunks.frame[row]
        sample = generated.sample[row]
    }

    static var columns: [Column<SampleKey>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("observation", \.observation),
            .demonstration(\.demonstration), Column("frame", \.frame), Column("sample", \.sample),
        ]
    }
}
