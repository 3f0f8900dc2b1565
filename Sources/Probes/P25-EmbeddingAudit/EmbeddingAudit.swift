import Basics

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
/// Verdict: `better than random` when the interval lies on the informative side of the control, else `not better than
/// random`. Intervals resample demonstrations. A space is not a policy: nothing here is about memory.
///
/// `p25_spaces`: space, condition, error with interval, random, oracle, rank_correlation with interval and pairs (NA on
/// heldout), rows, n, unit. `p25_samples`: space, condition, observation (number of the window on train),
/// demonstration, frame, retrieved_demonstration, retrieved_frame, observation_distance (Euclidean), error, oracle
/// (both over the median D12). Summary: policy is the space's name.
public struct EmbeddingAudit: Probe {
    public let name = "p25"
    public let title = "embedding audit"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        guard !context.measurements.spaces.isEmpty, context.medianD12 > 0 else {
            throw Failure(
                .data, "probe \(name) has nothing to measure", at: "observation spaces",
                expected: "a space and a median D12 above 0",
                found: "\(context.measurements.spaces.count) spaces, median D12 \(context.medianD12)",
                remedy: "compute features of the observations, or leave \(name) out of the list of probes")
        }
        var spaces = Table(columns: [
            "space", "condition", "error_over_d12", "ci_low", "ci_high", "random", "oracle", "rank_correlation",
            "correlation_low", "correlation_high", "pairs", "rows", "n", "unit",
        ])
        var samples = Table(columns: SpaceRetrieval.sampleColumns)
        var summary: [SummaryRow] = []
        for space in context.measurements.spaces {
            let correlation = PairCorrelation(space, context)
            for retrieval in [SpaceRetrieval(train: space, context), SpaceRetrieval(heldout: space, context)] {
                guard let retrieval else { continue }
                let own = retrieval.isTraining ? correlation : nil
                let isBetter = retrieval.estimate.lies(below: retrieval.random)
                retrieval.append(to: &samples, context)
                spaces.append([
                    .text(space.name), .text(retrieval.condition), Table.Cell(retrieval.estimate.value),
                    Table.Cell(retrieval.estimate.low), Table.Cell(retrieval.estimate.high), .number(retrieval.random),
                    .number(retrieval.best), Table.Cell(own?.estimate.value), Table.Cell(own?.estimate.low),
                    Table.Cell(own?.estimate.high), own.map { .integer($0.pairs) } ?? .missing,
                    .integer(retrieval.error.count), .integer(retrieval.units), "demonstration",
                ])
                summary.append(
                    SummaryRow(
                        "p25_retrieval_error", policy: space.name, condition: retrieval.condition, retrieval.estimate,
                        n: retrieval.units, unit: "demonstration", control: "random", controlValue: retrieval.random,
                        verdict: isBetter ? .betterThanRandom : .notBetterThanRandom))
            }
            summary.append(
                SummaryRow(
                    "p25_rank_correlation", policy: space.name, condition: GeneratedChunks.Condition.train,
                    correlation.estimate, n: context.train.demonstrations.count, unit: "demonstration", control: "null",
                    controlValue: 0,
                    verdict: correlation.estimate.lies(above: 0) ? .betterThanRandom : .notBetterThanRandom))
        }
        return ProbeResult(tables: [("p25_spaces", spaces), ("p25_samples", samples)], summary: summary)
    }
}
