import Basics
import Foundation
import Probes
import Testing

@Suite struct SpliceTestTests {
    private let study = SyntheticStudy()

    /// One answer at every 4th frame of the queries: the first `cut` steps of one training chunk, then the rest of another.
    private func spliced(at cut: Int, _ policy: PolicyID = "diffusion_ddpm") -> GeneratedChunks {
        let rows = (0..<study.query.count).filter { study.query.frame[$0] % 4 == 0 }, truth = study.query.selecting(rows)
        let (width, split) = (study.train.width, cut * study.train.actionDimension)
        func chunk(_ demonstration: Int, _ frame: Int) -> ArraySlice<Float> {
            let start = (demonstration * SyntheticStudy.frames + frame) * width
            return study.train.values[start..<start + width]
        }
        let values = rows.indices.flatMap { row in
            chunk(row % 16, truth.frame[row]).prefix(split) + chunk((row + 5) % 16, (truth.frame[row] + 7) % 20).dropFirst(split)
        }
        return GeneratedChunks(
            policy: policy, condition: "heldout", chunks: truth.replacingValues(values), observation: Array(rows.indices),
            sample: [Int](repeating: 0, count: rows.count), truth: truth)
    }

    @Test func `a memory is one piece, two halves of memories are two, and truth is the floor`() throws {
        let result = try SpliceTest().run(study.context([spliced(at: 3)]))
        func costs(_ policy: String) throws -> [Double] {
            try #require(result.table("p24_splices")).numbers("cost", where: ["policy": policy])
        }
        #expect(try costs("memorizer") == [0, 0, 0, 0])
        #expect(result.row("p24_splice_gain", "memorizer", "heldout")?.value == 0)
        let halves = try costs("diffusion_ddpm")
        #expect(halves[0] > 0.05 && halves.dropFirst().allSatisfy { $0 == 0 })
        let gain = try #require(result.row("p24_splice_gain", "diffusion_ddpm", "heldout"))
        #expect(gain.value == 1 && gain.verdict == .measured && gain.n == 24)
        let samples = try #require(result.table("p24_samples"))
        // Chunks are overlapping windows, but none repeats another's steps to the bit.
        #expect(samples.numbers("cut", where: ["policy": "diffusion_ddpm"]) == [Double](repeating: 3, count: 24 * 5))
        // Truth as an answer has the floor itself, which gains by every piece.
        let truth = try costs("generalizer")
        #expect(truth == (try #require(result.table("p24_splices")).numbers("heldout", where: ["policy": "generalizer"])))
        #expect(zip(truth, truth.dropFirst()).allSatisfy { $0 > $1 } && truth[3] > 0)
        let floor = try #require(result.row("p24_splice_gain", "generalizer", "heldout"))
        #expect(abs(try #require(floor.value) - #require(floor.controlValue)) < 1e-9 && floor.value.map { $0 > 0 && $0 < 1 } == true)
    }

    @Test func `one piece costs the distance to the nearest training sequence, and two what the best cut gives`() throws {
        let context = try study.context(), result = try SpliceTest().run(context)
        let samples = try #require(result.table("p24_samples")), filter = ["policy": "interpolator"]
        let nearest = try #require(context.evaluated.first { $0.policy == "interpolator" && $0.condition == "heldout" })
        for (cost, distance) in zip(samples.numbers("cost_1", where: filter), nearest.toTrain.distance) {
            #expect(abs(cost - Double(distance)) < 1e-4)
        }
        // By trying every cut and every pair of chunks of one row.
        let metric = context.metric, (width, dimensions) = (study.train.width, study.train.actionDimension)
        func squared(_ row: Int, _ range: Range<Int>) -> Double {
            range.reduce(0.0) { sum, column in
                let difference = (nearest.generated.chunks.values[40 * width + column] - study.train.values[row * width + column]) / metric.scale[column % dimensions]
                return sum + Double(difference * difference)
            }
        }
        let best = (0...SyntheticStudy.horizon).map { cut in
            let split = cut * dimensions
            let halves = [0..<split, split..<width].map { range in (0..<study.train.count).map { squared($0, range) }.min() ?? 0 }
            return (halves.reduce(0, +) / Double(width)).squareRoot()
        }.min()
        #expect(abs(samples.numbers("cost_2", where: filter)[40] - (best ?? 0)) < 1e-4)
    }

    @Test func `sequences of one step have no cut`() throws {
        let (train, query) = (pointChunks(20, dimension: 2, seed: 1), pointChunks(6, dimension: 2, first: 20, seed: 1))
        let asked = GeneratedChunks(
            policy: "diffusion_ddpm", condition: "heldout", chunks: query, observation: Array(0..<6), sample: [Int](repeating: 0, count: 6),
            truth: query)
        let context = try ProbeContext(train: train, query: query, generated: [asked], resamples: 20, seed: Seed(1))
        let result = try SpliceTest().run(context)
        #expect(result.row("p24_splice_gain", "diffusion_ddpm", "heldout")?.value == 0)
    }
}
