import Basics
import Demonstrations
import Dispatch
import Networks
import Policies
import Probes

/// Measures what one query costs each policy: wall time of single queries after a warm-up, and counted bytes.
struct InferenceCosts {
    let policies: StudyPolicies

    /// - Parameter conditions: held-out observations are the queries.
    func measure(_ conditions: [QueryCondition]) throws -> [CostMeasurement] {
        let queries = conditions.first { $0.name == "heldout" }?.observations ?? []
        let settings = policies.context.settings
        var costs: [CostMeasurement] = []
        for kind in [DiffusionSampler.Kind.ddpm, .ddim] {
            let policy = try policies.headline(kind)
            costs.append(
                CostMeasurement(
                    policy: policy.name, latencies: try latencies(of: policy, queries), peakMemoryBytes: policy.memoryBytes,
                    parameters: policy.parameterCount, tableBytes: 0, macs: policy.flops / 2,
                    inferenceSteps: settings.diffusion.samplers.steps(kind)))
        }
        guard try !policies.cache.data(policies.context).set.cameras.isEmpty else { return costs }
        let (table, parameters) = try policies.tables(.main).table(.main)
        costs.append(
            CostMeasurement(
                policy: table.name, latencies: try latencies(of: table, queries), peakMemoryBytes: table.memoryBytes,
                parameters: parameters, tableBytes: table.tableBytes, macs: table.flops / 2, inferenceSteps: 1))
        let pixels = try policies.pixelNearest(.main)
        costs.append(
            CostMeasurement(
                policy: pixels.name, latencies: try latencies(of: pixels, queries), peakMemoryBytes: pixels.tableBytes,
                parameters: 0, tableBytes: pixels.tableBytes, macs: pixels.pixelOperations, inferenceSteps: 1))
        return costs
    }

    private func latencies(of policy: any Policy, _ queries: [Observation]) throws -> [Double] {
        let seed = policies.context.settings.root / "latency"
        _ = try policy.predict([queries[0]], samples: 1, seed: seed)
        return try (0..<policies.context.settings.probes.latencyQueries).map { index in
            try policies.context.interruption.check()
            let start = DispatchTime.now().uptimeNanoseconds
            _ = try policy.predict([queries[index % queries.count]], samples: 1, seed: seed / index)
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        }
    }
}
