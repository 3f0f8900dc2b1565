import Basics
import Probes
import Testing

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
        #expect(result.row("p27_difference", "memorizer", "heldout")?.verdict == .worse)
        #expect(result.row("p27_difference", "generalizer", "heldout")?.verdict == .better)
        #expect(result.row("p27_difference", "diffusion_ddpm", "heldout") == nil)
    }
}
