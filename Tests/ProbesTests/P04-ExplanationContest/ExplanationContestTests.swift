import Basics
import Foundation
import Testing

@testable import Probes

@Suite struct ExplanationContestTests {
    private let study = SyntheticStudy()

    private func scores(_ result: ProbeResult, _ policy: String, _ column: String) throws -> [String: Double] {
        let table = try #require(result.table("p04_rules"))
        let rules = table.column("rule", where: ["policy": policy])
        var scores: [String: Double] = [:]
        for (rule, value) in zip(rules, table.numbers(column, where: ["policy": policy])) {
            if case .text(let name) = rule { scores[name] = value }
        }
        return scores
    }

    @Test func `each oracle is explained by its own rule`() throws {
        let result = try ExplanationContest().run(study.context(features: true))
        let memorizer = try scores(result, "memorizer", "error")
        #expect(memorizer["nearest_latent"] == 0)
        #expect(try scores(result, "memorizer", "wins")["nearest_latent"] == 1)
        let generalizer = try scores(result, "generalizer", "error")
        #expect(generalizer["truth"] == 0)
        #expect(try scores(result, "generalizer", "skill")["truth"] == 1)
        #expect(try scores(result, "generalizer", "skill")["mean"] == 0)
        let interpolator = try scores(result, "interpolator", "error")
        #expect(interpolator.min { $0.value < $1.value }?.key == "kernel_latent")
        #expect(result.row("p04_nearest_minus_expert", "memorizer", "heldout")?.verdict == .retrieval)
        let row = try #require(result.row("p04_nearest_minus_expert", "generalizer", "heldout"))
        #expect(row.verdict == .generalisation && row.controlValue == row.value && row.control.name == "generalizer")
        let memorized = try #require(result.row("p04_nearest_minus_expert", "memorizer", "heldout"))
        #expect((memorized.high ?? 1) < 0 && (row.low ?? -1) > 0)
        #expect(memorized.controlValue == row.value && memorized.n == 24)
        #expect(result.row("p04_nearest_minus_expert", "interpolator", "heldout")?.verdict == .notFitted)
        let wins = try scores(result, "interpolator", "wins").values.reduce(0, +)
        #expect(abs(wins - 1) < 1e-9)
    }

    @Test func `the recalled window is the nearest observation for the memorizer, and near for a smooth generaliser too`()
        throws
    {
        let result = try ExplanationContest().run(study.context(features: true))
        let memorizer = try #require(result.row("p04_rank_match", "memorizer", "heldout"))
        #expect(memorizer.value == 0)
        #expect(memorizer.verdict == .closerThanHeldout)
        #expect(result.row("p04_rank_match_p", "memorizer", "heldout")?.value.map { abs($0 - 0.001) < 1e-12 } == true)
        #expect(result.row("p04_rank_match_p", "memorizer", "heldout")?.verdict == .recallsNearObservations)
        let generalizer = try #require(result.row("p04_rank_match", "generalizer", "heldout"))
        #expect(generalizer.value == generalizer.controlValue && generalizer.verdict == .undecided)
        #expect((generalizer.value ?? 1) < 0.2 && (generalizer.value ?? 0) > (memorizer.value ?? 1))
        #expect(result.row("p04_rank_match_p", "generalizer", "heldout")?.value.map { $0 < 0.01 } == true)
    }

    @Test func `features that know nothing give one half and no small p`() throws {
        var source = RandomSource(Seed(4))
        let rows = study.asked(study.query).count
        var measurements = Measurements()
        measurements.spaces = [
            ObservationSpace(
                space: Space("white noise"), width: 4, train: (0..<study.train.count * 4).map { _ in Float(source.normal()) },
                conditions: ["heldout": (0..<rows * 4).map { _ in Float(source.normal()) }])
        ]
        let result = try ExplanationContest().run(study.context([], measurements))
        for policy in ["memorizer", "generalizer"] {
            let row = try #require(result.row("p04_rank_match", policy, "heldout"))
            #expect(abs((row.value ?? 0) - 0.5) < 0.08)
            #expect(result.row("p04_rank_match_p", policy, "heldout")?.verdict == .notShown)
        }
        #expect(try scores(result, "memorizer", "error")["nearest_white_noise"].map { $0 > 0.5 } == true)
    }

    @Test func `the policy named expert becomes a rule, and a generated chunk is compared with its own observation`()
        throws
    {
        let truth = study.generated("generalizer", "heldout", asked: study.query)
        let expert = GeneratedChunks(
            policy: "expert", condition: "heldout", chunks: truth.chunks, observation: truth.observation,
            sample: truth.sample, truth: truth.truth)
        let result = try ExplanationContest().run(study.context([expert]))
        #expect(try scores(result, "generalizer", "error")["expert_policy"] == 0)
        // Truth and expert are the same chunk here and share the win; no space, so no primary endpoint.
        #expect(try scores(result, "generalizer", "wins")["truth"] == 0.5)
        #expect(result.row("p04_nearest_minus_expert", "generalizer", "heldout") == nil)
        #expect(try #require(result.table("p04_samples")).texts("winner").contains("truth"))
    }

    @Test func `percentiles count other demonstrations only, ties half`() {
        let percentiles = RankMatch.percentiles(squared: [4, 1, 2, 2, 9], demonstration: [0, 0, 1, 2, 2])
        // Window 0: of {2, 2, 9} two are nearer. Window 2: of {4, 1, 2, 9} one is nearer and one ties.
        let expected: [Float] = [2.0 / 3, 0, 0.375, 0.5, 1]
        #expect(percentiles == expected)
    }

    @Test func `local regression reproduces a linear map, far better than the mean of the neighbours`() throws {
        var source = RandomSource(Seed(2))
        let points = (0..<30).map { _ in [source.uniform(-1, 1), source.uniform(-1, 1)] }
        let query = [0.4, -0.3]
        func squared(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + pow($1.0 - $1.1, 2) } }
        let weights = LocalRegression.weights(
            squared: points.map { squared($0, query) }, between: points.map { a in points.map { squared(a, $0) } })
        #expect(abs(weights.reduce(0, +) - 1) < 1e-9)
        func value(_ point: [Double]) -> Double { 3 * point[0] - 2 * point[1] + 1 }
        let predicted = zip(weights, points).reduce(0) { $0 + $1.0 * value($1.1) }
        let mean = points.map(value).reduce(0, +) / 30
        #expect(abs(predicted - value(query)) < 0.02 * abs(mean - value(query)))
    }
}
