import Basics
import Plots

/// P23: what an inference costs, and what share of the diffusion policy's cost a lookup needs.
///
/// Latency p50 and p95 (seconds, per measured query), peak memory, parameters, table bytes, multiply-accumulates and
/// denoiser passes are given; the probe compares, within one size of the networks: the study's (`timed`) and, where it was
/// measured, that of the published networks (`timed_reference_size`; cost does not depend on the weights, so they are untrained).
/// There `alt` has the ResNet-18 encoder of its published code, and `alt_compact` the study's. Ratios are p50 over p50 and peak memory over peak memory, against the
/// policy under study (DDPM) and its faster sampler (DDIM) where they were measured. Intervals: bootstrap over queries.
/// Control: the published ratios of the action lookup table, 0.0034 of the inference time and 0.0085 of the memory (He
/// et al. 2025), which were measured against DDPM on another machine and network.
///
/// Verdict, for the lookup table only: `at most the published ratio` when the interval (for memory the value) does not
/// exceed it, `above the published ratio` when it lies above it, else `undecided`. Other rows are `measured`.
///
/// `p23_cost`: policy, condition, queries, p50 and p95 with intervals, the given numbers, and the ratios to both baselines (NA
/// where a baseline was not measured).
public struct InferenceCost: Probe {
    public let name = "p23"
    public let title = "cost of inference"
    public let needs: Set<Need> = [.costs]
    public let endpoints = [Endpoint.latencyRatio, .memoryRatio]
    public let evidence = [
        Evidence(.decides, .c7, [.latencyRatio, .memoryRatio], of: .role(.table), at: .first(Condition.timings), against: .subject),
        Evidence(.shown, .c7, [.latencyRatio, .memoryRatio], of: .role(.table), at: .allButFirst(Condition.timings), against: .subject),
        Evidence(.shown, .c7, [.latencyRatio, .memoryRatio], of: .role(.table), at: .first(Condition.timings), against: .sampler),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let costs = context.measurements[CostMeasurement.self]
        guard !costs.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "cost measurements", expected: "at least one policy", remedy: "time the policies")
        }
        for cost in costs { try cost.validate() }
        let timings = costs.map { Timing($0, context) }
        func ratio(_ timing: Timing, to role: PolicyRole) -> Ratio? {
            timings.first { $0.cost.policy.role == role && $0.cost.condition == timing.cost.condition }.map { Ratio(timing, over: $0) }
        }
        var rows: [CostRow] = []
        var summary: [SummaryRow] = []
        for timing in timings {
            let (toSubject, toSampler) = (ratio(timing, to: .subject), ratio(timing, to: .sampler))
            rows.append(CostRow(timing, toSubject: toSubject, toSampler: toSampler))
            for ratio in [toSubject, toSampler].compactMap({ $0 }) where ratio.baseline != timing.cost.policy {
                summary += summarise(timing.cost, ratio, context.rules)
            }
        }
        return ProbeResult(tables: [CostRow.table(rows)], summary: summary)
    }

    private func summarise(_ cost: CostMeasurement, _ ratio: Ratio, _ rules: DecisionRules) -> [SummaryRow] {
        func row(_ family: Endpoint, _ estimate: Estimate, published: Double) -> SummaryRow {
            let endpoint = family.member(ratio.baseline)
            var row = endpoint.row(
                cost.policy.name, cost.condition, estimate, Estimate(value: published), n: cost.latencies.count, unit: "query",
                cost.policy.role == .table && estimate.value != nil
                    ? Self.verdict(endpoint.reading(estimate, rules)) : .measured)
            row.against = ratio.baseline.role
            return row
        }
        return [
            row(.latencyRatio, ratio.latency, published: rules.timeRatio),
            row(.memoryRatio, ratio.memory, published: rules.memoryRatio),
        ]
    }

    private static func verdict(_ reading: Reading) -> Verdict {
        switch reading {
        case .supports: .withinPublished
        case .contradicts: .abovePublished
        case .open, .shown: .undecided
        }
    }

    /// The time of one query.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(CostRow.self)
        guard !rows.isEmpty else { return [] }
        let policies = rows.distinct(\.policy)
        return [
            Plot(
                name: "p23_latency", title: "Time of one query", xLabel: "policy", yLabel: "seconds, median",
                kind: .intervals(categories: source.categories(policies)),
                series: rows.distinct(\.condition).map { condition in
                    Plot.Series(
                        condition == .timed ? "at the study's size" : "at the size of the published networks",
                        rows.filter { $0.condition == condition }.points(along: policies, by: \.policy, y: \.median))
                }, isLogarithmicY: true)
        ]
    }
}

extension Endpoint {
    /// Time and memory of one policy over those of another, whose name ends the key.
    static let latencyRatio = Endpoint(
        "p23_latency_over_", "time over that of #",
        "seconds of one query over those of the policy named in the endpoint, ratio of medians",
        unit: "ratio", control: Control("published"), criterion: { .atMost($0.timeRatio) })
    static let memoryRatio = Endpoint(
        "p23_memory_over_", "memory over that of #",
        "peak bytes of one query (weights, table, workspace) over those of the policy named in the endpoint",
        unit: "ratio", control: Control("published"), criterion: { .atMost($0.memoryRatio) })

    public static func latency(over policy: PolicyID) -> Endpoint { latencyRatio.member(policy.name) }
    public static func memory(over policy: PolicyID) -> Endpoint { memoryRatio.member(policy.name) }
}

extension Criterion {
    /// The whole interval, or the value where there is none, lies at or under a bound, or above it.
    fileprivate static func atMost(_ bound: Double) -> Criterion {
        Criterion(
            "supports: at most \(bound); contradicts: above",
            supports: { ($0.estimate.high ?? $0.estimate.value).map { $0 <= bound } ?? false },
            contradicts: { ($0.estimate.low ?? $0.estimate.value).map { $0 > bound } ?? false })
    }
}

/// What one policy costs, as measured by the caller; probe P23 only compares.
public struct CostMeasurement: Measurement {
    public var policy: PolicyID
    /// At which size: `timed` or `timedAtReferenceSize`.
    public var condition: Condition
    /// Seconds per inference, one per timed query, warm-up excluded.
    public var latencies: [Double]
    /// Highest resident memory that inference added.
    public var peakMemoryBytes: Int
    public var parameters: Int
    /// Bytes of stored demonstrations the policy needs at inference; 0 for a network alone.
    public var tableBytes: Int
    /// Multiply-accumulates per inference.
    public var macs: Int
    /// Passes through the denoiser per inference; 1 for a lookup.
    public var inferenceSteps: Int

    public init(
        policy: PolicyID, condition: Condition = .timed, latencies: [Double], peakMemoryBytes: Int, parameters: Int, tableBytes: Int,
        macs: Int, inferenceSteps: Int
    ) {
        self.policy = policy
        self.condition = condition
        self.latencies = latencies
        self.peakMemoryBytes = peakMemoryBytes
        self.parameters = parameters
        self.tableBytes = tableBytes
        self.macs = macs
        self.inferenceSteps = inferenceSteps
    }

    /// - Throws: `Failure` for no latency and for one that is not a positive number.
    fileprivate func validate() throws {
        guard !latencies.isEmpty, latencies.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw Failure(
                .data, "a latency is missing or not positive", at: "policy \(policy)",
                expected: "at least one time in seconds, each above 0", found: "\(latencies.prefix(5))",
                remedy: "time at least one query after warm-up (probes.latency_queries)")
        }
    }
}

/// Median and 95th percentile of one policy's latencies, with the median's replicates for ratios.
private struct Timing: Sendable {
    let cost: CostMeasurement
    let median: Estimate
    let tail: Estimate
    let medianReplicates: [Double]

    init(_ cost: CostMeasurement, _ context: ProbeContext) {
        let latencies = cost.latencies
        let bootstrap = context.bootstrap(units: latencies.count, seed: context.seed / "p23" / cost.policy / cost.condition)
        let replicates = context.pool.map(count: context.resamples) { replicate in
            let weights = bootstrap.weights(replicate: replicate)
            let drawn = SortedSample(zip(latencies, weights).flatMap { [Double](repeating: $0, count: Int($1)) })
            return (median: drawn.quantile(0.5), tail: drawn.quantile(0.95))
        }
        let sample = SortedSample(latencies)
        // One query has been timed once: no spread was seen.
        let spread = latencies.count > 1
        self.cost = cost
        medianReplicates = replicates.map(\.median)
        median = HierarchicalBootstrap.estimate(sample.quantile(0.5), replicates: spread ? medianReplicates : [])
        tail = HierarchicalBootstrap.estimate(sample.quantile(0.95), replicates: spread ? replicates.map(\.tail) : [])
    }
}

/// Time and memory of one policy over those of another.
private struct Ratio {
    let baseline: PolicyID
    let latency: Estimate
    let memory: Estimate

    init(_ own: Timing, over other: Timing) {
        baseline = other.cost.policy
        let replicates = zip(own.medianReplicates, other.medianReplicates).map { $0 / $1 }
        let value = own.median.value.flatMap { own in other.median.value.map { own / $0 } }
        let spread = own.median.low != nil || other.median.low != nil
        latency = HierarchicalBootstrap.estimate(value ?? .nan, replicates: spread ? replicates : [])
        let memory = Double(own.cost.peakMemoryBytes) / Double(other.cost.peakMemoryBytes)
        self.memory = Estimate(value: memory.isFinite ? memory : nil)
    }
}

/// A row of `p23_cost`.
private struct CostRow: ProbeTable {
    static let name = "p23_cost"
    var policy = ""
    var condition = Condition("")
    var queries = 0
    /// Seconds: p50 and p95.
    var median = Estimate(value: nil), tail = Estimate(value: nil)
    var peakMemoryBytes = 0, parameters = 0, tableBytes = 0, macs = 0, inferenceSteps = 0
    var latencyToSubject: Double?, latencyToSampler: Double?
    var memoryToSubject: Double?, memoryToSampler: Double?

    init() {}

    init(_ timing: Timing, toSubject: Ratio?, toSampler: Ratio?) {
        let cost = timing.cost
        policy = cost.policy.name
        condition = cost.condition
        queries = cost.latencies.count
        median = timing.median
        tail = timing.tail
        peakMemoryBytes = cost.peakMemoryBytes
        parameters = cost.parameters
        tableBytes = cost.tableBytes
        macs = cost.macs
        inferenceSteps = cost.inferenceSteps
        latencyToSubject = toSubject?.latency.value
        latencyToSampler = toSampler?.latency.value
        memoryToSubject = toSubject?.memory.value
        memoryToSampler = toSampler?.memory.value
    }

    static var columns: [Column<CostRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("queries", \.queries),
            .interval("latency_p50_s", "p50_low", "p50_high", \.median),
            .interval("latency_p95_s", "p95_low", "p95_high", \.tail),
            Column("peak_memory_bytes", \.peakMemoryBytes), Column("parameters", \.parameters),
            Column("table_bytes", \.tableBytes), Column("macs", \.macs), Column("inference_steps", \.inferenceSteps),
            Column("latency_over_ddpm", \.latencyToSubject), Column("latency_over_ddim", \.latencyToSampler),
            Column("memory_over_ddpm", \.memoryToSubject), Column("memory_over_ddim", \.memoryToSampler),
        ]
    }
}
