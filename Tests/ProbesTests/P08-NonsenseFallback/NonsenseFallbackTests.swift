import Basics
import Probes
import Testing

@Suite struct NonsenseFallbackTests {
    private let study = SyntheticStudy()

    /// 24 pictures, four samples each, that recall the demonstrations `choose` names for a picture.
    private func pictures(_ policy: PolicyID, choose: (Int) -> Int) -> GeneratedChunks {
        let rows = (0..<96).map { choose($0 / 4) * SyntheticStudy.frames + $0 % 4 }
        let recalled = study.train.selecting(rows)
        let chunks = Chunks(
            horizon: recalled.horizon, actionDimension: recalled.actionDimension, values: recalled.values,
            demonstration: [Int](repeating: 40, count: 96), frame: [Int](repeating: 0, count: 96))
        return GeneratedChunks(
            policy: policy, condition: "cat", chunks: chunks, observation: (0..<96).map { $0 / 4 },
            sample: (0..<96).map { $0 % 4 }, cluster: (0..<96).map { $0 / 4 }, unit: "picture")
    }

    @Test func `two fallback demonstrations are found, a spread over all is not, and the random control says which`()
        throws
    {
        let context = try study.context([
            pictures("memorizer") { $0 % 3 == 0 ? 5 : 11 }, pictures("generalizer") { $0 % 16 },
        ])
        let result = try NonsenseFallback().run(context)
        let fallback = try #require(result.row("p08_top_2_mass", "memorizer", "cat"))
        #expect(fallback.value == 1 && fallback.verdict == .fallback)
        #expect(fallback.n == 24 && fallback.unit == "picture")
        let spread = try #require(result.row("p08_top_2_mass", "generalizer", "cat"))
        #expect(abs((spread.value ?? 0) - 4.0 / 24) < 1e-12 && spread.verdict == .noFallback)
        // 24 draws from 16 equal demonstrations: the top two hold more than 2/16 by chance.
        #expect((spread.controlValue ?? 0) > 0.2 && (spread.controlValue ?? 1) < 0.4)
        let entropy = try #require(result.row("p08_entropy", "memorizer", "cat")?.value)
        #expect(abs(entropy - Concentration.entropy([8, 16])) < 1e-12)
        let histogram = try #require(result.table("p08_histogram"))
        let counts = histogram.numbers("count", where: ["policy": "memorizer", "condition": "cat"])
        #expect(counts[5] == 32 && counts[11] == 64 && counts.reduce(0, +) == 96)
        #expect(
            histogram.numbers("random_train_share", where: ["policy": "memorizer", "condition": "cat"]).allSatisfy {
                abs($0 - 1.0 / 16) < 1e-12
            })
        #expect(result.row("p08_top_2_mass", "memorizer", "heldout")?.verdict == .measured)
    }

    @Test func `a recalled sequence is nearer than truth, an answer of its own farther, and the mean is its own control`() throws {
        let recall = pictures("memorizer") { $0 % 16 }
        func changed(_ policy: PolicyID, _ values: (Int, Float) -> Float) -> GeneratedChunks {
            let chunks = recall.chunks.replacingValues(recall.chunks.values.enumerated().map(values))
            return GeneratedChunks(
                policy: policy, condition: "cat", chunks: chunks, observation: recall.observation, sample: recall.sample,
                cluster: recall.cluster, unit: "picture")
        }
        let width = study.train.width
        let mean = (0..<width).map { column in
            (0..<study.train.count).reduce(Float(0)) { $0 + study.train.values[$1 * width + column] } / Float(study.train.count)
        }
        let result = try NonsenseFallback().run(
            study.context([recall, changed("generalizer") { $1 + 3 }, changed("alt") { index, _ in mean[index % width] }]))
        let near = try #require(result.row("p08_distance", "memorizer", "cat"))
        #expect(near.value == 0 && near.high == 0 && near.verdict == .closerThanHeldout && near.n == 24)
        let far = try #require(result.row("p08_distance", "generalizer", "cat"))
        #expect(far.verdict == .fartherThanHeldout && (far.low ?? 0) > 1)
        let constant = try #require(result.row("p08_distance", "alt", "cat"))
        let ratio = try #require(constant.value), control = try #require(constant.controlValue)
        #expect(constant.control == "mean" && abs(ratio - control) < 1e-3 * ratio && constant.verdict == .fitUnknown)
        #expect(result.row("p08_distance", "generalizer", "heldout").flatMap(\.value).map { abs($0 - 1) < 0.2 } == true)
        let table = try #require(result.table("p08_distances"))
        #expect(table.numbers("jitter").allSatisfy { $0 > 0 } && Set(table.numbers("mean")) == [control])
    }

    @Test func `a policy that has not fitted gets no verdict`() throws {
        let context = try study.context([pictures("interpolator") { _ in 3 }, pictures("stranger") { _ in 3 }])
        let result = try NonsenseFallback().run(context)
        #expect(result.row("p08_top_2_mass", "interpolator", "cat")?.verdict == .notFitted)
        #expect(result.row("p08_top_2_mass", "stranger", "cat")?.verdict == .fitUnknown)
    }
}
