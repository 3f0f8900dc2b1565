import Basics
import Probes
import Testing

/// The score against how far apart demonstrations lie, on demonstrations whose distance is known.
@Suite struct SpacingTests {
    private let study = SyntheticStudy()

    /// The study in units so many times smaller; `state_ddpm_s0` answers what the memorizer does, with noise of one size.
    private func spread(_ factor: Float) throws -> ProbeContext {
        func scaled(_ chunks: Chunks) -> Chunks { chunks.replacingValues(chunks.values.map { $0 * factor }) }
        let (train, reference, query) = (scaled(study.train), scaled(study.reference), scaled(study.query))
        let generated = [("train", train), ("heldout", query)].flatMap { condition, asked in
            let found = study.generated("memorizer", condition, .memorizer, asked: asked, table: train)
            return [found, study.generated("generalizer", condition, .generalizer, asked: asked, table: train), noisy(found)]
        }
        return try ProbeContext(
            train: train, reference: reference, query: query, generated: generated, resamples: 200, seed: Seed(1))
    }

    private func noisy(_ answers: GeneratedChunks) -> GeneratedChunks {
        var source = RandomSource(Seed(5) / answers.condition)
        return GeneratedChunks(
            policy: "state_ddpm_s0", condition: answers.condition,
            chunks: answers.chunks.replacingValues(answers.chunks.values.map { $0 + Float(0.1 * source.normal()) }),
            observation: answers.observation, sample: answers.sample, truth: answers.truth)
    }

    private func result(_ factors: [Float]) throws -> ProbeResult {
        var siblings = ProbeContext.Siblings()
        siblings.spacings = try zip(SpacingCell.all, factors).map { ProbeContext.Spaced(cell: $0, context: try spread($1)) }
        return try Spacing().run(spread(1).with(siblings))
    }

    @Test func `a lookup scores 1 however far apart demonstrations lie, and truth the same in other units`() throws {
        let table = try #require(try result([1, 2, 4, 8]).table("p28_cells"))
        #expect(table.numbers("s", where: ["policy": "memorizer"]) == [1, 1, 1, 1])
        #expect(table.numbers("dcr_share", where: ["policy": "memorizer"]) == [1, 1, 1, 1])
        let truth = table.numbers("s", where: ["policy": "generalizer"])
        #expect(truth.allSatisfy { abs($0 - truth[0]) < 1e-5 } && truth[0] < 0.9)
        #expect(table.column("starts", where: ["policy": "memorizer"]) == ["continuous", "continuous", "grid", "grid"].map(Table.Cell.text))
        #expect(table.numbers("expert_noise", where: ["policy": "memorizer"]) == [0.5, 1, 0.5, 1])
    }

    @Test func `the same answer is rated higher where demonstrations lie farther apart`() throws {
        // Noise of one size on what a lookup returns: a small part of a large distance.
        let result = try result([1, 2, 4, 8])
        let scores = try SpacingCell.all.map { cell in
            try #require(result.row("p28_s_median", "state_ddpm_s0", "heldout_\(cell.name)")?.value)
        }
        #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `without demonstrations of other spacing there is nothing to measure`() throws {
        #expect(throws: Failure.self) { try Spacing().run(study.context()) }
    }
}
