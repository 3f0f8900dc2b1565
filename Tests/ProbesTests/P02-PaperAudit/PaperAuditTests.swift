import Basics
import Probes
import Testing

@Suite struct PaperAuditTests {
    private let study = SyntheticStudy()

    /// Training chunks returned as they are, with what a lookup says about them; every fourth row is flagged.
    private func lookup(_ condition: Condition) -> GeneratedChunks {
        let rows = (0..<48).map { $0 * 5 }
        let recalled = study.train.selecting(rows)
        let asked = study.query.selecting((0..<48).map { $0 * 10 })
        let chunks = asked.replacingValues(recalled.values)
        return GeneratedChunks(
            policy: "alt", condition: condition, chunks: chunks, observation: Array(0..<48),
            sample: [Int](repeating: 0, count: 48),
            match: rows.enumerated().map { RecalledMatch(trainChunk: $1, similarity: 0.75, flag: $0 % 4 == 0) })
    }

    @Test func `the output of a lookup has S 1, ratio 0 and names the rows it recalled`() throws {
        let result = try PaperAudit().run(study.context([lookup("heldout"), lookup("noise")]))
        let samples = try #require(result.table("p02_samples"))
        let alt = ["policy": "alt", "condition": "noise"]
        #expect(samples.numbers("s", where: alt) == [Double](repeating: 1, count: 48))
        #expect(samples.numbers("ratio", where: alt) == [Double](repeating: 0, count: 48))
        #expect(samples.numbers("gap", where: alt) == [Double](repeating: 1, count: 48))
        #expect(
            samples.numbers("matched_demonstration_position", where: alt)
                == (0..<48).map { Double($0 * 5 / SyntheticStudy.frames) })
        #expect(
            samples.numbers("nearest_demonstration_position", where: alt) == samples.numbers("matched_demonstration_position", where: alt)
        )
        #expect(samples.numbers("nearest_frame", where: alt) == samples.numbers("matched_frame", where: alt))
        #expect(samples.column("similarity", where: ["policy": "memorizer"]).allSatisfy { $0 == .missing })
    }

    @Test func `the share flagged out of distribution stands beside the held-out share`() throws {
        let result = try PaperAudit().run(study.context([lookup("heldout"), lookup("noise")]))
        let row = try #require(result.row("p02_out_of_distribution_share", "alt", "noise"))
        #expect(row.value == 0.25 && row.controlValue == 0.25 && row.n == 24)
        let wilson = Wilson.estimate(share: 0.25, count: 24)
        #expect(row.low == wilson.low && row.high == wilson.high)
        #expect(result.row("p02_out_of_distribution_share", "memorizer", "heldout") == nil)
    }

    @Test func `the profile rises with rank and starts at d1`() throws {
        let result = try PaperAudit().run(study.context())
        let filter = ["policy": "generalizer", "condition": "heldout"]
        let profile = try #require(result.table("p02_profile")).numbers("distance_over_d12", where: filter)
        let first = try #require(result.table("p02_samples")).numbers("d1", where: filter)
        let spacing = try #require(try DataAudit().run(study.context()).row("p00_d12_median")?.value)
        #expect(profile.count == 16 && profile == profile.sorted())
        #expect(abs(profile[0] - first.reduce(0, +) / Double(first.count) / spacing) < 1e-4)
    }
}
