import Basics
import Probes
import Testing

@Suite struct ConclusionRobustnessTests {
    /// The oracles and three seeds of a family.
    private func result(_ seeds: [SyntheticStudy.Answer] = []) throws -> ProbeResult {
        let study = SyntheticStudy()
        var measurements = Measurements()
        measurements.records = seeds.indices.map { SyntheticStudy.record("state_s\($0)", family: "state", seed: $0) }
        let oracles: [(name: String, answer: SyntheticStudy.Answer)] = [
            ("memorizer", .memorizer), ("interpolator", .interpolator), ("generalizer", .generalizer),
        ]
        let context = try study.context(
            oracles + seeds.enumerated().map { ("state_s\($0)", $1) }, train: study.train, reference: study.reference,
            measurements)
        return try ConclusionRobustness().run(context)
    }

    @Test func `a lookup has share 1 and ratio 0 under every distance, a generaliser its control`() throws {
        let result = try result()
        let table = try #require(result.table("p26_robustness"))
        let choices = ["standard", "z_score", "unscaled", "position", "velocity", "dtw"]
        for choice in choices {
            func values(_ policy: String, _ endpoint: String, _ column: String = "value") -> [Double] {
                table.numbers(column, where: ["policy": policy, "choice": choice, "endpoint": endpoint])
            }
            #expect(values("memorizer", "dcr_share") == [1], "\(choice)")
            #expect(values("memorizer", "ratio_median") == [0], "\(choice)")
            #expect(try #require(values("memorizer", "c_t").first) < -3, "\(choice)")
            let truth = try #require(values("generalizer", "dcr_share", "heldout").first)
            #expect(abs(try #require(values("generalizer", "dcr_share").first) - truth) < 0.1, "\(choice)")
            #expect(abs(try #require(values("generalizer", "c_t").first)) < 1e-9, "\(choice)")
            let between = try #require(values("interpolator", "dcr_share").first)
            #expect(between < 1 && between > truth, "\(choice)")
        }
        #expect(result.row("p26_agreement", "memorizer", "heldout")?.value == 1)
        // Five other distances with three endpoints each and three other c.
        #expect(result.row("p26_agreement", "memorizer", "heldout")?.n == 18)
        #expect(result.row("p26_agreement", "interpolator", "heldout")?.verdict == .notFitted)
    }

    @Test func `the standard choice is P03`() throws {
        let study = SyntheticStudy()
        let context = try study.context()
        let robustness = try ConclusionRobustness().run(context)
        let plain = try CalibratedMemorization().run(context)
        for policy in ["memorizer", "interpolator", "generalizer"] {
            let row = try #require(plain.row("p03_dcr_share", policy, "heldout"))
            let filter = ["policy": policy, "choice": "standard", "endpoint": "dcr_share"]
            let table = try #require(robustness.table("p26_robustness"))
            #expect(table.numbers("value", where: filter) == [row.value])
            #expect(table.numbers("ci_low", where: filter) == [row.low])
            #expect(table.numbers("heldout", where: filter) == [row.controlValue])
            let third = table.numbers("value", where: ["policy": policy, "choice": "standard", "endpoint": "f_mem"])
            #expect(third == [plain.row("p03_f_mem_one_third", policy, "heldout")?.value])
        }
    }

    @Test func `exchanging demonstrations finds the lookup and not the generaliser`() throws {
        let table = try #require(try result().table("p26_tests"))
        func p(_ policy: String, _ column: String) -> Double { table.numbers(column, where: ["policy": policy])[0] }
        #expect(p("memorizer", "p") == 0.001)
        #expect(p("memorizer", "p_holm") == 0.003)
        #expect(p("interpolator", "p") < p("generalizer", "p"))
        #expect(p("generalizer", "p") > 0.05)
        #expect(p("generalizer", "heldout_p") > 0.05)
    }

    @Test func `seeds that disagree widen the pooled interval`() throws {
        let same = try result([.mixture(0.6, seed: 0), .mixture(0.6, seed: 1), .mixture(0.6, seed: 2)])
        let apart = try result([.mixture(0.1, seed: 0), .mixture(0.7, seed: 1), .mixture(1, seed: 2)])
        let narrow = try #require(same.row("p26_seed_pooled_dcr_share", "state", "heldout"))
        let wide = try #require(apart.row("p26_seed_pooled_dcr_share", "state", "heldout"))
        #expect(narrow.n == 3 && narrow.unit == "seed")
        #expect(narrow.verdict == .memorized)
        func width(_ row: SummaryRow) -> Double { (row.high ?? 0) - (row.low ?? 0) }
        #expect(width(wide) > 1.5 * width(narrow))
        let table = try #require(apart.table("p26_robustness"))
        #expect(
            table.column("choice", where: ["policy": "state"])
                == ["seed_0", "seed_1", "seed_2", "seeds_pooled"])
        let shares = table.numbers("value", where: ["policy": "state"])
        #expect(abs(shares[3] - (shares[0] + shares[1] + shares[2]) / 3) < 1e-12)
        let unfitted = try result([.mixture(1, seed: 0), .noise(2, seed: 1)])
        #expect(unfitted.row("p26_seed_pooled_dcr_share", "state", "heldout")?.verdict == .notFitted)
    }
}
