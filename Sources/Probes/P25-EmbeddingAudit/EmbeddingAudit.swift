import Basics
import Plots

/// P25: do observations that are near in a space have near actions?
///
/// Per observation space, with nearest-neighbour retrieval:
/// - error on `train`: the chunk of the nearest training window of ANOTHER demonstration against the window's own
///   chunk, median over windows, over the median D12; on `heldout`: the chunk of the nearest training window against
///   the true one, over the same D12.
/// - rank correlation (Spearman) of observation distance and action distance over pairs of training windows of
///   different demonstrations, at most 20,000 taken evenly; its bootstrap draws demonstrations, and a pair weighs the
///   product of its two.
///
/// Controls: `random`, the error of training windows drawn at random (8 per row, of another demonstration on `train`);
/// the oracle, the best chunk there is, in the tables (1 by definition on `train`). Correlation: 0.
///
/// Beside the spaces of the study stand those of the keys that the lookup table may have (encoder with neighbours spared or as
/// published, before its head or after, with the pose or without), so that each choice has its row, and that of an autoencoder's
/// features.
///
/// Verdict: `better than random` when the interval lies on the informative side of the control, else `not better than
/// random`. Intervals resample demonstrations. A space is not a policy: nothing here is about memory.
///
/// `p25_spaces`: space, condition, error with interval, random, oracle, rank_correlation with interval and pairs (NA on
/// heldout), rows, n, n_unit. `p25_samples`: space, condition, observation (number of the window on train),
/// demonstration, frame, retrieved_demonstration, retrieved_frame, observation_distance (Euclidean), error, oracle
/// (both over the median D12). `p25_variants`: what the lookup table may be made of, variant, error (root mean square of the
/// actions executed along the reference demonstrations, normalised units), successes of episodes from starts of their own (NA
/// without a simulator), chosen. Summary: policy is the space's name.
public struct EmbeddingAudit: Probe {
    public let name = "p25"
    public let title = "embedding audit"
    public let needs: Set<Need> = [.spaces, .tableVariants]
    public let endpoints = [Endpoint.retrievalError, .distanceCorrelation]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutUnit }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let measured = context.measurements.spaces + context.measurements[TableKeySpace.self].map(\.space)
        guard !measured.isEmpty, context.medianD12 > 0 else {
            throw ProbeContext.nothing(
                name, at: "observation spaces", expected: "a space and a median D12 above 0",
                found: "\(measured.count) spaces, median D12 \(context.medianD12)",
                remedy: "compute features of the observations")
        }
        var spaces: [SpaceRow] = []
        var samples: [RetrievalSample] = []
        var summary: [SummaryRow] = []
        for space in measured {
            let correlation = PairCorrelation(space, context)
            for retrieval in [SpaceRetrieval(train: space, context), SpaceRetrieval(heldout: space, context)] {
                guard let retrieval else { continue }
                samples += retrieval.error.indices.map { RetrievalSample(retrieval, $0, context) }
                spaces.append(SpaceRow(retrieval, retrieval.condition == .train ? correlation : nil))
                summary.append(
                    Endpoint.retrievalError.row(
                        space.name, retrieval.condition, retrieval.estimate, Estimate(value: retrieval.random),
                        n: retrieval.units, Self.verdict(isBetter: retrieval.estimate.lies(below: retrieval.random))))
            }
            summary.append(
                Endpoint.distanceCorrelation.row(
                    space.name, .train, correlation.estimate, Estimate(value: 0), n: context.train.demonstrations.count,
                    Self.verdict(isBetter: correlation.estimate.lies(above: 0))))
        }
        let variants = context.measurements[TableVariantError.self].map(VariantErrorRow.init)
        return ProbeResult(
            tables: [SpaceRow.table(spaces), RetrievalSample.table(samples), VariantErrorRow.table(variants)], summary: summary)
    }

    private static func verdict(isBetter: Bool) -> Verdict { isBetter ? .betterThanRandom : .notBetterThanRandom }

    /// The error of the sequence at the nearest training observation, space by space.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SpaceRow.self)
        guard !rows.isEmpty else { return [] }
        let spaces = rows.distinct(\.space.name), heldout = rows.filter { $0.condition == .heldout }
        func points(_ rows: [SpaceRow], _ y: (SpaceRow) -> Estimate) -> [Plot.Point] { rows.points(along: spaces, by: \.space.name, y: y) }
        return [
            Plot(
                name: "p25_retrieval", title: "Error of the sequence at the nearest observation of another demonstration",
                xLabel: "space of observations", yLabel: "error / D12", kind: .intervals(categories: spaces.map { Plot.Category($0, Space($0).label) }),
                series: [
                    Plot.Series("random sequence", isControl: true, form: .level, points(heldout) { Estimate(value: $0.random) }),
                    Plot.Series("nearest sequence there is", isControl: true, form: .level, points(heldout) { Estimate(value: $0.oracle) }),
                    Plot.Series("held-out observations", points(heldout, \.error)),
                    Plot.Series("training observations", points(rows.filter { $0.condition == .train }, \.error)),
                ], yRange: 0...1.05 * (rows.flatMap { [$0.random, $0.oracle, $0.error.high ?? $0.error.value ?? 0] }.max() ?? 1))
        ]
    }
}

extension Endpoint {
    static let retrievalError = Endpoint(
        "p25_retrieval_error", "error of retrieval",
        "median distance between the demonstrator's sequence and that of the nearest training frame in a space, over the median D12",
        unit: "median D12", control: Control("random"))
    static let distanceCorrelation = Endpoint(
        "p25_rank_correlation", "distances that agree",
        "Spearman's correlation of distances between observations in a space and between their sequences",
        unit: "Spearman's rank correlation", control: .noEffect)
}

/// A row of `p25_spaces`: one space at the observations of one condition.
private struct SpaceRow: ProbeTable {
    static let name = "p25_spaces"
    var space = Space("")
    var condition = Condition("")
    /// Medians over the median D12.
    var error = Estimate(value: nil)
    var random = 0.0, oracle = 0.0
    var correlation = Estimate(value: nil)
    var pairs: Int?
    var rows = 0, n = 0
    var unit = "demonstration"

    init() {}

    init(_ retrieval: SpaceRetrieval, _ correlation: PairCorrelation?) {
        space = retrieval.space
        condition = retrieval.condition
        error = retrieval.estimate
        random = retrieval.random
        oracle = SortedSample(retrieval.oracle).quantile(0.5)
        self.correlation = correlation?.estimate ?? Estimate(value: nil)
        pairs = correlation?.pairs
        rows = retrieval.error.count
        n = retrieval.units
    }

    static var columns: [Column<SpaceRow>] {
        [
            Column("space", \.space), Column("condition", \.condition), .interval("error_over_d12", \.error),
            Column("random", \.random), Column("oracle", \.oracle),
            .interval("rank_correlation", "correlation_low", "correlation_high", \.correlation), Column("pairs", \.pairs),
            Column("rows", \.rows), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

/// A row of `p25_samples`: what was retrieved for one window or observation.
private struct RetrievalSample: ProbeTable {
    static let name = "p25_samples"
    var space = Space("")
    var condition = Condition("")
    var observation = 0, frame = 0, retrievedFrame = 0
    var demonstration = NamedDemonstration(), retrievedDemonstration = NamedDemonstration()
    var distance: Float = 0
    var error = 0.0, oracle = 0.0

    init() {}

    init(_ retrieval: SpaceRetrieval, _ row: Int, _ context: ProbeContext) {
        space = retrieval.space
        condition = retrieval.condition
        observation = row
        demonstration = retrieval.asked.named(row)
        frame = retrieval.asked.frame[row]
        retrievedDemonstration = context.train.named(retrieval.retrieved[row])
        retrievedFrame = context.train.frame[retrieval.retrieved[row]]
        distance = retrieval.distance[row]
        error = retrieval.error[row]
        oracle = retrieval.oracle[row]
    }

    static var columns: [Column<RetrievalSample>] {
        [
            Column("space", \.space), Column("condition", \.condition), Column("observation", \.observation),
            .demonstration(\.demonstration), Column("frame", \.frame),
            .demonstration("retrieved_", \.retrievedDemonstration), Column("retrieved_frame", \.retrievedFrame),
            Column("observation_distance", \.distance), Column("error", \.error), Column("oracle", \.oracle),
        ]
    }
}
