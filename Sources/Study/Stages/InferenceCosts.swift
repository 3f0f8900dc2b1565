import Basics
import Demonstrations
import Dispatch
import Policies
import Probes
import Runs

/// Measures what one query costs each policy: wall time of single queries after a warm-up, and counted bytes.
struct InferenceCosts {
    let study: Study
    let run: RunContext

    /// - Parameter conditions: held-out observations are the queries.
    func measure(_ conditions: [QueryCondition]) throws -> [CostMeasurement] {
        let queries = conditions.first { $0.condition == .heldout }?.observations ?? []
        let maker = PolicyMaker(study: study, run: run)
        return try study.catalogue.entries.filter(\.isTimed).compactMap { entry in
            guard let policy = try entry.make(maker) as? any CountedPolicy else { return nil }
            let cost = policy.cost
            return CostMeasurement(
                policy: entry.id, latencies: try latencies(of: policy, queries), peakMemoryBytes: cost.memoryBytes,
                parameters: cost.parameters, tableBytes: cost.tableBytes, macs: cost.macs,
                inferenceSteps: cost.inferenceSteps)
        }
    }

    private func latencies(of policy: any Policy, _ queries: [Observation]) throws -> [Double] {
        let seed = study.settings.root / "latency"
        _ = try policy.predict([queries[0]], samples: 1, seed: seed)
        return try (0..<study.settings.probes.latencyQueries).map { index in
            try run.interruption.check()
            let start = DispatchTime.now().uptimeNanoseconds
            _ = try policy.predict([queries[index % queries.count]], samples: 1, seed: seed / index)
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        }
    }
}
