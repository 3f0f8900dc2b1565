import Basics
import Foundation
import Testing

@testable import Probes

@Suite struct CopyBlendNovelTests {
    @Test func `the oracles are a copy, a blend and novel`() throws {
        let study = SyntheticStudy()
        let context = try study.context()
        let result = try CopyBlendNovel().run(context)
        let memorizer = try #require(result.row("p07_largest_weight", "memorizer", "heldout"))
        #expect(memorizer.value == 1 && memorizer.verdict == .copy && memorizer.n == 24)
        #expect(result.row("p07_residual", "memorizer", "heldout")?.value == 0)
        #expect(result.row("p07_effective_demonstrations", "memorizer", "heldout")?.value == 1)
        let interpolator = try #require(result.row("p07_largest_weight", "interpolator", "heldout"))
        #expect((interpolator.high ?? 1) < 0.9 && interpolator.verdict == .notFitted)
        let generalizer = try #require(result.row("p07_largest_weight", "generalizer", "heldout"))
        #expect(generalizer.verdict == .novel && abs((generalizer.value ?? 0) - (generalizer.controlValue ?? 1)) < 1e-12)
        let blurred = try #require(result.row("p07_residual", "interpolator", "heldout"))
        let truth = try #require(result.row("p07_residual", "generalizer", "heldout"))
        #expect((blurred.high ?? 1) < (truth.low ?? 0) && truth.value == truth.controlValue)
        let table = try #require(result.table("p07_blend"))
        let jitter = table.numbers("jitter", where: ["policy": "memorizer", "measure": "largest_weight"])
        #expect(jitter.allSatisfy { $0 > 0.6 && $0 < 1 })
        #expect(table.numbers("value", where: ["policy": "generalizer", "measure": "residual_over_heldout"]).contains(1))
    }

    @Test func `a fitted interpolator is a blend`() throws {
        // The kernel oracle at held-out observations, exact at training ones, so that the fit allows a verdict.
        let study = SyntheticStudy()
        func renamed(_ oracle: PolicyID, _ condition: Condition, _ asked: Chunks) -> GeneratedChunks {
            let generated = study.generated(oracle, condition, asked: asked)
            return GeneratedChunks(
                policy: "sharp", condition: condition, chunks: generated.chunks, observation: generated.observation,
                sample: generated.sample, truth: generated.truth)
        }
        let context = try study.context([
            renamed("memorizer", "train", study.train), renamed("interpolator", "heldout", study.query),
        ])
        let row = try CopyBlendNovel().run(context).row("p07_largest_weight", "sharp", "heldout")
        #expect(row?.verdict == .blend)
    }

    @Test func `a point inside a triangle has its barycentric weights`() {
        let triangle: [[Double]] = [[0, 0], [1, 0], [0, 1]]
        let inside = ConvexBlend(candidates: triangle, target: [0.2, 0.3])
        for (weight, expected) in zip(inside.weights, [0.5, 0.2, 0.3]) { #expect(abs(weight - expected) < 1e-4) }
        #expect(inside.residual < 1e-4)
        let beyond = ConvexBlend(candidates: triangle, target: [1, 1])
        for (weight, expected) in zip(beyond.weights, [0, 0.5, 0.5]) { #expect(abs(weight - expected) < 1e-4) }
        #expect(abs(beyond.residual - 0.5) < 1e-5 && abs(beyond.effectiveNumber - 2) < 1e-6)
        let corner = ConvexBlend(candidates: triangle, target: [3, -1])
        #expect(corner.weights == [0, 1, 0] && corner.largestWeight == 1 && corner.effectiveNumber == 1)
    }

    @Test func `random blends meet the optimality conditions, and a known blend has no residual`() {
        var source = RandomSource(Seed(1))
        for _ in 0..<20 {
            let candidates = (0..<8).map { _ in (0..<24).map { _ in source.normal() } }
            let raw = (0..<8).map { _ in source.uniform() }
            let known = raw.map { $0 / raw.reduce(0, +) }
            let blended = (0..<24).map { column in zip(known, candidates).reduce(0) { $0 + $1.0 * $1.1[column] } }
            let exact = ConvexBlend(candidates: candidates, target: blended)
            #expect(exact.residual < 1e-3 && zip(exact.weights, known).allSatisfy { abs($0 - $1) < 1e-3 })
            let far = ConvexBlend(candidates: candidates, target: (0..<24).map { _ in source.normal() * 3 })
            #expect(abs(far.weights.reduce(0, +) - 1) < 1e-12 && far.weights.allSatisfy { $0 >= 0 })
        }
    }

    @Test func `candidates that turn out useless lose all their weight`() {
        var source = RandomSource(Seed(5))
        for _ in 0..<50 {
            let candidates = (0..<8).map { _ in (0..<3).map { _ in source.normal() } }
            let target = (0..<3).map { _ in 2 * source.normal() }
            let blend = ConvexBlend(candidates: candidates, target: target)
            #expect(blend.weights.allSatisfy { $0 >= 0 } && abs(blend.weights.reduce(0, +) - 1) < 1e-9)
            let offset = (0..<3).map { column in
                zip(blend.weights, candidates).reduce(-target[column]) { $0 + $1.0 * $1.1[column] }
            }
            // Half the gradient by candidate: none may lie farther down than their weighted mean.
            let slopes = candidates.map { zip($0, target).map { $0 - $1 } }
                .map { zip($0, offset).reduce(0) { $0 + $1.0 * $1.1 } }
            let mean = zip(blend.weights, slopes).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(mean - (slopes.min() ?? 0) < 1e-3)
        }
    }

    @Test func `without true chunks the held-out chunks of all of Q are the control`() throws {
        let study = SyntheticStudy()
        let recalled = study.train.selecting(Array(0..<40))
        let foreign = GeneratedChunks(
            policy: "memorizer", condition: "noise", chunks: recalled, observation: Array(0..<40),
            sample: [Int](repeating: 0, count: 40), cluster: Array(0..<40), unit: "picture")
        let row = try #require(
            try CopyBlendNovel().run(study.context([foreign])).row("p07_largest_weight", "memorizer", "noise"))
        #expect(row.value == 1 && row.verdict == .copy && row.unit == "picture" && row.controlValue != nil)
    }
}
