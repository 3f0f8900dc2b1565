import Basics
import Testing

@testable import Probes

@Suite struct OpenLoopErrorTests {
    private let study = SyntheticStudy()

    @Test func `the generalizer errs by nothing, the interpolator less than the memorizer`() throws {
        let result = try OpenLoopError().run(study.context())
        let errors = ["generalizer", "interpolator", "memorizer"].map {
            result.row("p27_error_over_d12", $0, "heldout")?.value ?? -1
        }
        #expect(errors[0] == 0 && errors[1] > 0 && errors[1] < errors[2])
    }

    @Test func `a copy of the baseline is equivalent to it, a worse policy is worse`() throws {
        let policy = study.generated("interpolator", "heldout", asked: study.query)
        func renamed(_ name: PolicyID, _ generated: GeneratedChunks) -> GeneratedChunks {
            GeneratedChunks(
                policy: name, condition: "heldout", chunks: generated.chunks, observation: generated.observation,
                sample: generated.sample, truth: generated.truth)
        }
        let result = try OpenLoopError().run(study.context([renamed("diffusion_ddpm", policy)]))
        let same = try #require(result.row("p27_difference", "interpolator", "heldout"))
        #expect(same.value == 0 && same.verdict == .equivalent && same.controlValue == 0.1)
        let truth = study.generated("generalizer", "heldout", asked: study.query)
        let against = try OpenLoopError().run(study.context([renamed("diffusion_ddpm", truth)]))
        #expect(against.row("p27_difference", "memorizer", "heldout")?.verdict == .worse)
        #expect(result.row("p27_difference", "generalizer", "heldout")?.verdict == .better)
        #expect(result.row("p27_difference", "diffusion_ddpm", "heldout") == nil)
    }

    @Test func `the published interval of a difference is the 95 % one, the 90 % one decides equivalence`() throws {
        let policy = study.generated("memorizer", "heldout", asked: study.query)
        let subject = GeneratedChunks(
            policy: "diffusion_ddpm", condition: "heldout", chunks: policy.chunks, observation: policy.observation,
            sample: policy.sample, truth: policy.truth)
        func run(_ context: ProbeContext) throws -> SummaryRow {
            try #require(try OpenLoopError().run(context).row("p27_difference", "interpolator", "heldout"))
        }
        let context = try study.context([subject])
        let row = try run(context)
        // The replicates again: both policies gave two samples an observation.
        let own = try #require(context.evaluated("interpolator", .heldout))
        let other = try #require(context.evaluated("diffusion_ddpm", .heldout))
        let rows = try zip(#require(own.errorToTruth), #require(other.errorToTruth)).map { Double($0) - Double($1) }
        let observations = stride(from: 0, to: rows.count, by: 2)
        let errors = observations.map { (rows[$0] + rows[$0 + 1]) / 2 / context.medianD12 }
        let clusters = observations.map { own.generated.cluster[$0] }
        let drawn = context.bootstrap(
            clusters: clusters, stream: context.seed / "p27" / "difference" / own.policy
        ).replicates { [weightedMean(errors, $0)] }.map { $0[0] }
        let sample = SortedSample(drawn)
        #expect(abs((row.low ?? 0) - sample.quantile(0.025)) < 1e-6)
        #expect(abs((row.high ?? 0) - sample.quantile(0.975)) < 1e-6)
        // A margin between the ends of the two intervals: equivalent, though the published interval reaches over it.
        let widest = max(-sample.quantile(0.05), sample.quantile(0.95)), published = max(-sample.quantile(0.025), sample.quantile(0.975))
        #expect(widest < published)
        var rules = DecisionRules()
        rules.equivalenceMargin = (widest + published) / 2
        #expect(try run(study.context([subject], rules: rules)).verdict == .equivalent)
        rules.equivalenceMargin = widest * 0.99
        #expect(try run(study.context([subject], rules: rules)).verdict != .equivalent)
    }
}
