import Basics
import Testing

@testable import Probes

@Suite struct MultimodalityTests {
    private let designed = DesignedStudy()
    /// Even demonstrations go left.
    private let ways = Dictionary(uniqueKeysWithValues: (0..<16).map { ($0, $0 % 2 == 0 ? "left" : "right") })

    private func answers(_ policy: PolicyID, _ recalled: (_ moment: Int, _ sample: Int) -> Int, ways: [Int: String]? = nil) -> DesignedAnswers {
        let values = (0..<6).flatMap { moment in
            (0..<20).map { designed.answer(.nearest, designed.study.latent[recalled(moment, $0)]) }
        }
        return designed.answers(
            policy, .fork, values, perGroup: 1, demonstrations: (0..<6).map { 32 + $0 }, ways: ways ?? self.ways, samples: 20)
    }

    @Test func `a policy that goes both ways, one that goes one way, and one that chooses by the moment`() throws {
        let result = try designed.run(
            Multimodality(),
            [
                answers("diffusion_ddim", { _, sample in sample % 4 == 0 ? 1 : 2 }), answers("behaviour_cloning", { _, _ in 4 }),
                answers("alt", { moment, _ in moment }),
            ])
        func row(_ endpoint: String, _ policy: String) -> SummaryRow? { result.row(endpoint, policy, "fork") }
        #expect(abs((row("p16_minor_share", "diffusion_ddim")?.value ?? 0) - 0.25) < 1e-9)
        #expect(row("p16_minor_share", "diffusion_ddim")?.verdict == .multimodal && row("p16_ways", "diffusion_ddim")?.value == 2)
        #expect(row("p16_minor_share", "behaviour_cloning")?.value == 0)
        #expect(row("p16_minor_share", "behaviour_cloning")?.verdict == .notMultimodal)
        // Each moment has one way: both are demonstrated, no moment knows two.
        #expect(row("p16_minor_share", "alt")?.verdict == .notMultimodal && row("p16_ways", "alt")?.value == 1)
        #expect(row("p16_minor_share", "alt")?.controlValue == 0.5 && row("p16_ways", "alt")?.controlValue == 2)
    }

    @Test func `demonstrations of one way cannot answer`() {
        #expect(throws: Failure.self) {
            try designed.run(Multimodality(), [answers("alt", { _, _ in 0 }, ways: Dictionary(uniqueKeysWithValues: (0..<16).map { ($0, "left") }))])
        }
    }
}
