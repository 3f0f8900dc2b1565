import Basics

/// P23: what an inference costs, and what share of the diffusion policy's cost a lookup needs.
///
/// Latency p50 and p95 (seconds, per measured query), peak memory, parameters, table bytes, multiply-accumulates and
/// denoiser passes are given; the probe compares. Ratios are p50 over p50 and peak memory over peak memory, against
/// `diffusion_ddpm` and `diffusion_ddim` where they were measured. Intervals: bootstrap over queries. Control: the
/// published ratios of the action lookup table, 0.0034 of the inference time and 0.0085 of the memory (He et al.
/// 2025), which were measured against DDPM on another machine and network.
///
/// Verdict, for `alt` only: `at most the published ratio` when the interval (for memory the value) does not exceed it,
/// `above the published ratio` when it lies above it, else `undecided`. Other rows are `measured`.
///
/// `p23_cost`: policy, queries, p50 and p95 with intervals, the given numbers, and the ratios to both baselines (NA
/// where a baseline was not measured).
public struct InferenceCost: Probe {
    public let name = "p23"
    public let title = "cost of inference"

    private static let baselines = ["diffusion_ddpm", "diffusion_ddim"]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let costs = context.measurements.costs
        guard !costs.isEmpty else {
            throw Failure(
                .data, "probe \(name) has nothing to measure", at: "cost measurements", expected: "at least one policy",
                found: "none", remedy: "time the policies, or leave \(name) out of the list of probes")
        }
        for cost in costs {
            guard !cost.latencies.isEmpty, cost.latencies.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw Failure(
                    .data, "a latency is missing or not positive", at: "policy \(cost.policy)",
                    expected: "at least one time in seconds, each above 0", found: "\(cost.latencies.prefix(5))",
                    remedy: "time at least one query after warm-up (probes.latency_queries)")
            }
        }
        var table = Table(columns: [
            "policy", "queries", "latency_p50_s", "p50_low", "p50_high", "latency_p95_s", "p95_low", "p95_high",
            "peak_memory_bytes", "parameters", "table_bytes", "macs", "inference_steps", "latency_over_ddpm",
            "latency_over_ddim", "memory_over_ddpm", "memory_over_ddim",
        ])
        var summary: [SummaryRow] = []
        let timings = costs.map { Timing($0, context) }
        for (cost, timing) in zip(costs, timings) {
            let ratios = Self.baselines.map { baseline in
                costs.firstIndex { $0.policy == baseline }.map { index in
                    Ratio(baseline: baseline, timing, cost, over: timings[index], costs[index])
                }
            }
            table.append(
                [
                    .text(cost.policy), .integer(cost.latencies.count), Table.Cell(timing.median.value),
                    Table.Cell(timing.median.low), Table.Cell(timing.median.high), Table.Cell(timing.tail.value),
                    Table.Cell(timing.tail.low), Table.Cell(timing.tail.high), .integer(cost.peakMemoryBytes),
                    .integer(cost.parameters), .integer(cost.tableBytes), .integer(cost.macs),
                    .integer(cost.inferenceSteps),
                ] + ratios.map { Table.Cell($0?.latency.value) } + ratios.map { Table.Cell($0?.memory.value) })
            for ratio in ratios.compactMap({ $0 }) where ratio.baseline != cost.policy {
                summary += summarise(cost, ratio, context.rules)
            }
        }
        return ProbeResult(tables: [("p23_cost", table)], summary: summary)
    }

    private func summarise(_ cost: CostMeasurement, _ ratio: Ratio, _ rules: DecisionRules) -> [SummaryRow] {
        func row(_ endpoint: String, _ estimate: Estimate, published: Double) -> SummaryRow {
            let low = estimate.low ?? estimate.value
            let high = estimate.high ?? estimate.value
            var verdict = Verdict.measured
            if cost.policy == "alt", let low, let high {
                verdict = high <= published ? .withinPublished : low > published ? .abovePublished : .undecided
            }
            return SummaryRow(
                endpoint, policy: cost.policy, condition: "timed", estimate, n: cost.latencies.count,
                unit: "query", control: "published", controlValue: published, verdict: verdict)
        }
        return [
            row("p23_latency_over_\(ratio.baseline)", ratio.latency, published: rules.timeRatio),
            row("p23_memory_over_\(ratio.baseline)", ratio.memory, published: rules.memoryRatio),
        ]
    }

    /// Median and 95th percentile of one policy's latencies, with the median's replicates for ratios.
    private struct Timing {
        let median: Estimate
        let tail: Estimate
        let medianReplicates: [Double]

        init(_ cost: CostMeasurement, _ context: ProbeContext) {
            let bootstrap = HierarchicalBootstrap(
                levels: [], rowCount: cost.latencies.count, resamples: context.resamples,
                seed: context.seed / "p23" / cost.policy, pool: context.pool)
            let latencies = cost.latencies
            let replicates = bootstrap.replicates { weights in
                let drawn = SortedSample(zip(latencies, weights).flatMap { [Double](repeating: $0, count: Int($1)) })
                return [drawn.quantile(0.5), drawn.quantile(0.95)]
            }
            let sample = SortedSample(latencies)
            // One query has been timed once: no spread was seen.
            let spread = latencies.count > 1
            medianReplicates = replicates.map { $0[0] }
            median = HierarchicalBootstrap.estimate(sample.quantile(0.5), replicates: spread ? medianReplicates : [])
            tail = HierarchicalBootstrap.estimate(
                sample.quantile(0.95), replicates: spread ? replicates.map { $0[1] } : [])
        }
    }

    private struct Ratio {
        let baseline: String
        let latency: Estimate
        let memory: Estimate

        init(baseline: String, _ own: Timing, _ cost: CostMeasurement, over other: Timing, _ otherCost: CostMeasurement)
        {
            self.baseline = baseline
            let replicates = zip(own.medianReplicates, other.medianReplicates).map { $0 / $1 }
            let value = own.median.value.flatMap { own in other.median.value.map { own / $0 } }
            let spread = own.median.low != nil || other.median.low != nil
            latency = HierarchicalBootstrap.estimate(value ?? .nan, replicates: spread ? replicates : [])
            let memory = Double(cost.peakMemoryBytes) / Double(otherCost.peakMemoryBytes)
            self.memory = Estimate(value: memory.isFinite ? memory : nil)
        }
    }
}
