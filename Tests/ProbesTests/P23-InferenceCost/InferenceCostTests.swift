import Basics
import Probes
import Testing

@Suite struct InferenceCostTests {
    private func cost(_ policy: PolicyID, _ latencies: [Double], memory: Int, at condition: Condition = .timed) -> CostMeasurement {
        CostMeasurement(
            policy: policy, condition: condition, latencies: latencies, peakMemoryBytes: memory, parameters: 10, tableBytes: 0, macs: 5,
            inferenceSteps: 1)
    }

    @Test func `ratios of medians are compared with the published ones`() throws {
        let study = SyntheticStudy(train: 4, reference: 4, query: 4)
        let slow = (0..<41).map { 1 + 0.01 * Double($0) }
        var measurements = Measurements()
        measurements[CostMeasurement.self] = [
            cost("diffusion_ddpm", slow, memory: 1000), cost("alt", slow.map { $0 * 0.002 }, memory: 20),
            cost("mean", [1e-9], memory: 0),
        ]
        let context = try study.context([], measurements)
        let result = try InferenceCost().run(context)
        let latency = try #require(result.row("p23_latency_over_diffusion_ddpm", "alt", "timed"))
        #expect(abs((latency.value ?? 0) - 0.002) < 1e-12)
        #expect(latency.controlValue == 0.0034 && latency.verdict == .withinPublished && latency.n == 41)
        let memory = try #require(result.row("p23_memory_over_diffusion_ddpm", "alt", "timed"))
        #expect(memory.value == 0.02 && memory.verdict == .abovePublished)
        #expect(result.row("p23_latency_over_diffusion_ddpm", "mean", "timed")?.verdict == .measured)
        let table = try #require(result.table("p23_cost"))
        #expect(table.numbers("latency_p50_s", where: ["policy": "diffusion_ddpm"]) == [1.2])
        #expect(abs(table.numbers("latency_p95_s", where: ["policy": "diffusion_ddpm"])[0] - 1.38) < 1e-12)
        #expect(table.column("latency_over_ddim") == [.missing, .missing, .missing])
    }

    @Test func `policies are compared at their own size, and the claim is decided at the size it was made for where that was timed`() throws {
        let study = SyntheticStudy(train: 4, reference: 4, query: 4)
        func claim(_ costs: [CostMeasurement]) throws -> (claim: Claim, result: ProbeResult) {
            var measurements = Measurements()
            measurements[CostMeasurement.self] = costs
            let context = try study.context(
                [study.generated("diffusion_ddpm", .heldout, asked: study.query), study.generated("alt", .heldout, asked: study.query)], measurements)
            let result = try InferenceCost().run(context)
            return (try #require(Claims(result.summary, context: context).all.first { $0.id == .c7 }), result)
        }
        // The table takes a tenth of the small policy, and a thousandth of the large one.
        let small = [cost("diffusion_ddpm", [1, 1], memory: 1000), cost("alt", [0.1, 0.1], memory: 100)]
        let large = [cost("diffusion_ddpm", [100, 100], memory: 100_000), cost("alt", [0.1, 0.1], memory: 100)]
            .map { cost($0.policy, $0.latencies, memory: $0.peakMemoryBytes, at: .timedAtReferenceSize) }
        let own = try claim(small)
        #expect(own.claim.verdict == .refuted && Set(own.claim.evidence.map(\.row.condition)) == [.timed])
        let both = try claim(small + large)
        #expect(both.claim.verdict == .supported)
        let decided = both.claim.evidence.filter { $0.reading != .shown }, shown = both.claim.evidence.filter { $0.reading == .shown }
        #expect(decided.map(\.row.condition.name) == ["timed_reference_size", "timed_reference_size"])
        #expect(shown.map(\.row.condition.name) == ["timed", "timed"])
        #expect(both.result.row("p23_latency_over_diffusion_ddpm", "alt", "timed")?.value == 0.1)
        #expect(both.result.row("p23_latency_over_diffusion_ddpm", "alt", "timed_reference_size")?.value == 0.001)
        #expect(both.result.table("p23_cost")?.texts("condition").count == 4)
    }

    @Test func `no latency is a failure that names the policy`() throws {
        var measurements = Measurements()
        measurements[CostMeasurement.self] = [cost("alt", [], memory: 1)]
        let context = try SyntheticStudy(train: 4, reference: 4, query: 4).context([], measurements)
        #expect {
            try InferenceCost().run(context)
        } throws: {
            ($0 as? Failure)?.location == "policy alt"
        }
    }
}
