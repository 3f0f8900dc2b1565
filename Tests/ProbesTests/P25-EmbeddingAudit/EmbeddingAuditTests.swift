import Basics
import Probes
import Testing

/// A space is not a policy, so no oracle has a memory here: the spaces with a known answer are told apart instead.
@Suite struct EmbeddingAuditTests {
    private let study = SyntheticStudy()

    /// Spaces `actions` (the scaled chunk itself), `latent` (θ and time) and `noise` (drawn at random).
    private func result(workers: Int = 2) throws -> ProbeResult {
        let scale = try study.context().metric.scale
        let asked = study.asked(study.query)
        func scaled(_ chunks: Chunks) -> [Float] { chunks.values.enumerated().map { $1 / scale[$0 % scale.count] } }
        func noise(_ rows: Int, _ name: String) -> [Float] {
            var source = RandomSource(Seed(11) / name)
            return (0..<rows * 4).map { _ in Float(source.normal()) }
        }
        var measurements = Measurements()
        measurements.spaces = [
            ObservationSpace(
                space: Space("actions"), width: study.train.width, train: scaled(study.train),
                conditions: ["heldout": scaled(asked)]),
            study.space,
            ObservationSpace(
                space: Space("noise"), width: 4, train: noise(study.train.count, "train"),
                conditions: ["heldout": noise(asked.count, "heldout")]),
        ]
        return try EmbeddingAudit().run(try study.context([], measurements, workers: workers))
    }

    @Test func `the action chunk itself retrieves at D12 and noise at random, a good space between`() throws {
        let result = try result()
        func row(_ space: String, _ condition: String) throws -> SummaryRow {
            try #require(result.row("p25_retrieval_error", space, condition))
        }
        let table = try #require(result.table("p25_spaces"))
        for condition in ["train", "heldout"] {
            let (actions, latent, noise) = (
                try row("actions", condition), try row("latent", condition), try row("noise", condition)
            )
            let oracle = table.numbers("oracle", where: ["space": "actions", "condition": condition])
            #expect(abs((actions.value ?? 0) - oracle[0]) < 1e-6)
            #expect(latent.value ?? 0 > actions.value ?? 9 && latent.verdict == .betterThanRandom)
            #expect(noise.value ?? 0 > 1.5 * (latent.value ?? 9) && noise.verdict == .notBetterThanRandom)
            let random = try #require(noise.controlValue)
            #expect((noise.low ?? 9) < random && (noise.high ?? 0) > random)
        }
        #expect(abs((try row("actions", "train").value ?? 0) - 1) < 1e-6)
        #expect(try row("actions", "train").n == 16 && row("actions", "heldout").n == 24)
    }

    @Test func `rank correlation is 1 for the action chunk, 0 for noise, and a retrieval never stays at home`() throws {
        let result = try result()
        func row(_ space: String) throws -> SummaryRow { try #require(result.row("p25_rank_correlation", space)) }
        #expect(try row("actions").value ?? 0 > 0.999)
        let (latent, noise) = (try row("latent"), try row("noise"))
        #expect(latent.value ?? 0 > 0.3 && latent.verdict == .betterThanRandom)
        #expect(abs(noise.value ?? 9) < 0.1 && noise.verdict == .notBetterThanRandom)
        let samples = try #require(result.table("p25_samples"))
        let own = samples.numbers("demonstration_position", where: ["condition": "train"])
        let other = samples.numbers("retrieved_demonstration_position", where: ["condition": "train"])
        #expect(own.count == 3 * 320 && zip(own, other).allSatisfy { $0 != $1 })
        #expect(samples.numbers("error").count == 3 * (320 + 120))
    }

    @Test func `a key of the table is audited as a space is, and each variant has its row`() throws {
        let space = study.space
        func result(_ change: (inout Measurements) -> Void) throws -> ProbeResult {
            var measurements = Measurements()
            change(&measurements)
            return try EmbeddingAudit().run(try study.context([], measurements))
        }
        let asSpace = try result { $0.spaces = [space] }
        let asKey = try result {
            $0[TableKeySpace.self] = [TableKeySpace(space)]
            $0[TableVariantError.self] = [
                TableVariantError(variant: "alt_paper", error: 0.5, successes: 3, episodes: 4, isChosen: true),
                TableVariantError(variant: "alt_top_k", error: 0.25, successes: nil, episodes: nil, isChosen: false),
            ]
        }
        #expect(asSpace.summary == asKey.summary && !asKey.summary.isEmpty)
        let variants = try #require(asKey.table("p25_variants"))
        #expect(variants.texts("variant") == ["alt_paper", "alt_top_k"] && variants.numbers("error") == [0.5, 0.25])
        #expect(variants.texts("chosen") == ["true", "false"])
        #expect(variants.numbers("successes") == [3] && variants.numbers("episodes") == [4])
    }

    @Test func `results are the same for any number of workers and without spaces there is an error`() throws {
        let (first, second) = (try result(), try result(workers: 1))
        #expect(first.summary == second.summary)
        for (one, two) in zip(first.tables, second.tables) { #expect((one.table.csv == two.table.csv) as Bool) }
        #expect { try EmbeddingAudit().run(try study.context()) } throws: { "\($0)".contains("p25 has nothing to measure") }
    }
}
