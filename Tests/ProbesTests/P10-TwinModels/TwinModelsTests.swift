import Basics
import Probes
import Testing

@Suite struct TwinModelsTests {
    private static let oracles: [(name: String, answer: SyntheticStudy.Answer)] = [
        ("memorizer", .memorizer), ("interpolator", .interpolator), ("generalizer", .generalizer),
    ]

    /// Twins of the oracles and of two seeds of one family, whose answers are given.
    private func result(
        seeds: [SyntheticStudy.Answer], twin twinAnswer: SyntheticStudy.Answer
    ) throws -> (ProbeResult, ProbeContext) {
        let study = SyntheticStudy()
        var measurements = Measurements()
        let twin = try study.context(
            Self.oracles + [("state_s0", twinAnswer)], train: study.reference, reference: study.train)
        measurements.records = seeds.indices.map { PolicyRecord(record: $0) }
        let context = try study.context(
            Self.oracles + seeds.enumerated().map { ("state_s\($0)", $1) }, train: study.train,
            reference: study.reference, measurements, twin: [twin])
        return (try TwinModels().run(context), context)
    }

    @Test func `twins of a lookup recall and twins of a generaliser agree`() throws {
        let (result, _) = try result(
            seeds: [.mixture(1, seed: 0), .noise(0.01, seed: 1)], twin: .mixture(1, seed: 2))
        let memorizer = try #require(result.row("p10_memory_share", "memorizer", "heldout"))
        #expect(memorizer.value == 1 && memorizer.verdict == .twinsRecall)
        #expect(memorizer.n == 24 && memorizer.unit == "demonstration")
        #expect(result.row("p10_own_set", "memorizer", "heldout")?.value == 0)
        let generalizer = try #require(result.row("p10_memory_share", "generalizer", "heldout"))
        #expect(generalizer.value == 0 && generalizer.verdict == .twinsAgree)
        #expect(result.row("p10_agreement", "generalizer", "heldout")?.value == 0)
        let interpolator = try #require(result.row("p10_memory_share", "interpolator", "heldout"))
        #expect(interpolator.verdict == .notFitted)
        #expect(try #require(interpolator.value) < 0.9)
        #expect(result.table("p10_samples")?.numbers("own_b", where: ["policy": "memorizer"]).max() == 0)
        #expect(result.table("p10_samples")?.rows.count == 4 * 24 * 5 * 2)
    }

    @Test func `the memory share is the share of samples that were looked up`() throws {
        let (result, _) = try result(
            seeds: [.mixture(0.7, seed: 0), .mixture(0.7, seed: 1)], twin: .mixture(0.7, seed: 0))
        // The same draws: where one twin looks up, so does the other, and elsewhere they differ by the noise shared.
        let row = try #require(result.row("p10_memory_share", "state_s0", "heldout"))
        #expect(try #require(row.value).distance(to: 0.7).magnitude < 0.08)
    }

    @Test func `twins that differ no more than two seeds on the same data are undecided`() throws {
        // The other seed looks up nothing and is far from everything, so that seeds differ more than twins.
        let (result, _) = try result(
            seeds: [.mixture(1, seed: 0), .noise(2, seed: 1)], twin: .mixture(1, seed: 2))
        let row = try #require(result.row("p10_memory_share", "state_s0", "heldout"))
        #expect(row.value == 1 && row.verdict == .undecided)
        #expect(result.row("p10_agreement", "state_s0", "heldout")?.control.name == "same_data")
        #expect(result.row("p10_agreement", "memorizer", "heldout")?.control.name == "self_noise")
    }

    @Test func `a twin that has not fitted withholds the verdict`() throws {
        let (result, _) = try result(seeds: [.mixture(1, seed: 0)], twin: .noise(2, seed: 2))
        #expect(result.row("p10_memory_share", "state_s0", "heldout")?.verdict == .notFitted)
    }

    @Test func `lookups in two copies of the same demonstrations agree`() throws {
        let study = SyntheticStudy()
        let copy = Chunks(
            horizon: study.train.horizon, actionDimension: study.train.actionDimension, values: study.train.values,
            demonstration: study.train.demonstration.map { $0 + 1000 }, frame: study.train.frame)
        let answers = [
            study.generated("memorizer", "train", asked: study.train),
            study.generated("memorizer", "heldout", asked: study.query),
        ]
        let twin = try ProbeContext(
            train: copy, reference: study.train, query: study.query, generated: [answers[1]], resamples: 10,
            seed: Seed(1))
        var siblings = ProbeContext.Siblings()
        siblings.twin = [twin]
        let context = try ProbeContext(
            train: study.train, reference: copy, query: study.query, generated: answers, siblings: siblings, resamples: 100,
            seed: Seed(1))
        let row = try #require(try TwinModels().run(context).row("p10_memory_share", "memorizer", "heldout"))
        #expect(row.value == 0 && row.verdict == .twinsAgree)
    }

    @Test func `twins asked about different observations are refused`() throws {
        let study = SyntheticStudy()
        let shifted = study.generated("memorizer", "heldout", .memorizer, asked: study.query, table: study.reference)
        let rows = Array((0..<shifted.chunks.count).reversed())
        let twin = try ProbeContext(
            train: study.reference, reference: study.train, query: study.query,
            generated: [
                GeneratedChunks(
                    policy: "memorizer", condition: "heldout", chunks: shifted.chunks.selecting(rows),
                    observation: shifted.observation, sample: shifted.sample)
            ], resamples: 10, seed: Seed(1))
        let context = try study.context(
            Self.oracles, train: study.train, reference: study.reference, twin: [twin])
        #expect(throws: Failure.self) { try TwinModels().run(context) }
    }

    @Test func `without twins there is nothing to measure`() throws {
        let context = try SyntheticStudy().context()
        #expect { try TwinModels().run(context) } throws: { "\($0)".contains("p10 has nothing to measure") }
    }
}

extension PolicyRecord {
    /// One of several seeds of the family `state`.
    fileprivate init(record seed: Int) {
        self = SyntheticStudy.record("state_s\(seed)", family: "state", seed: seed)
    }
}
