import Basics
import Testing

@testable import Probes

@Suite struct ClaimsTests {
    private func row(
        _ endpoint: Endpoint, _ value: Double, _ low: Double? = nil, _ high: Double? = nil,
        policy: PolicyID = "diffusion_ddpm", condition: Condition = .heldout, control: Double = 0.5,
        verdict: Verdict = .measured
    ) -> SummaryRow {
        endpoint.row(
            policy.name, condition, Estimate(value: value, low: low, high: high), Estimate(value: control), n: 8, verdict)
    }

    /// A study in which the policy under study answers as an oracle does.
    private func claims(_ oracle: PolicyID, _ rows: [SummaryRow], unasked: [String: String] = [:], withProbe: Bool = true) throws -> Claims {
        let study = SyntheticStudy()
        func renamed(_ condition: Condition, _ asked: Chunks, _ policy: PolicyID = "diffusion_ddpm") -> GeneratedChunks {
            let generated = study.generated(oracle, condition, asked: asked)
            return GeneratedChunks(
                policy: policy, condition: condition, chunks: generated.chunks, observation: generated.observation,
                sample: generated.sample, truth: generated.truth)
        }
        var measurements = Measurements()
        measurements.records = [
            PolicyRecord(
                policy: "diffusion_ddpm", family: "diffusion_ddpm", observations: "images", seed: 0, steps: 100, epochs: 12.5,
                windows: 320, demonstrations: 16, loss: 0.25)
        ]
        let others = (["alt", "diffusion_ddim", "state_ddpm_s0"] as [PolicyID]).map { renamed("heldout", study.query, $0) }
        let context = try study.context([renamed("train", study.train), renamed("heldout", study.query)] + others, measurements)
        return Claims((withProbe ? try CalibratedMemorization().run(context).summary : []) + rows, context: context, unasked: unasked)
    }

    private func verdict(_ id: ClaimID, _ claims: Claims) -> Claim.Verdict? { claims.all.first { $0.id == id }?.verdict }

    @Test func `a memorizer supports C1 and a generalizer refutes it`() throws {
        #expect(verdict(.c1, try claims("memorizer", [])) == .supported)
        #expect(verdict(.c1, try claims("generalizer", [])) == .refuted)
    }

    @Test func `an undefined statistic supports nothing`() throws {
        let study = SyntheticStudy(), rules = try study.context([]).rules
        let deciding = AllProbes.all.flatMap(\.endpoints).filter { $0.criterion != nil }
        #expect(deciding.count > 15)
        for endpoint in deciding { #expect(endpoint.reading(Estimate(value: nil), rules) == .open, "\(endpoint.key)") }
        // All that C1 needs, but C_T over demonstrations.
        let rows = [
            row(.dcrShare, 0.9, 0.85, 0.95), row(.proximity, -9),
            Endpoint.clusteredProximity.row("diffusion_ddpm", .heldout, Estimate(value: nil), Estimate(value: 0), n: 1, .measured),
        ]
        #expect(verdict(.c1, try claims("memorizer", rows, withProbe: false)) == .undecided)
        #expect(verdict(.c1, try claims("memorizer", rows.dropLast() + [row(.clusteredProximity, -8)], withProbe: false)) == .supported)
    }

    @Test func `without a fit no claim about memory is judged`() throws {
        let claims = try claims("interpolator", [row(.sizeSlope, -1, -2, -0.5, policy: "state_ddpm_s0")])
        #expect(claims.all.prefix(5).allSatisfy { $0.verdict == .notFitted })
        #expect(claims.all.map(\.id.rawValue) == (1...9).map { "C\($0)" })
    }

    @Test func `C2 needs every piece of evidence`() throws {
        let complete = [
            row(.rankMatchP, 0.001), row(.rankMatch, 0.1, verdict: .closerThanHeldout),
            row(.explainedVariance, 0.9, 0.85, 0.95), row(.exactMinusTruth, 0.1, 0.05, 0.2),
            row(.denoiserBandwidth, 0.4, 0.3, 0.5),
        ]
        #expect(verdict(.c2, try claims("memorizer", complete)) == .supported)
        for left in complete.indices {
            let partial = complete.indices.filter { $0 != left }.map { complete[$0] }
            #expect(verdict(.c2, try claims("memorizer", partial)) == .undecided)
        }
        let wide = complete.dropLast() + [row(.denoiserBandwidth, 3, 2, 4)]
        #expect(verdict(.c2, try claims("memorizer", Array(wide))) == .refuted)
    }

    private func mass(_ low: Double, _ condition: Condition, policy: PolicyID = "diffusion_ddpm", control: Double = 0.5) -> SummaryRow {
        row(.topTwoMass, low + 0.02, low, low + 0.04, policy: policy, condition: condition, control: control)
    }

    private func distance(_ high: Double, _ condition: Condition, mean: Double = 2) -> SummaryRow {
        row(.fallbackDistance, high - 0.02, high - 0.04, high, condition: condition, control: mean)
    }

    @Test func `C4 follows the majority of conditions and seeds, and must clear chance`() throws {
        func judged(_ rows: [SummaryRow], _ animals: [Condition] = ["cat", "dog"]) throws -> Claim.Verdict? {
            verdict(.c4, try claims("memorizer", rows + animals.map { distance(0.3, $0) }))
        }
        #expect(try judged([mass(0.9, "cat"), mass(0.9, "dog"), mass(0.5, "cat", policy: "diffusion_ddpm_s1")]) == .supported)
        #expect(try judged([mass(0.9, "cat", control: 0.95), mass(0.9, "dog", control: 0.95)]) == .undecided)
        #expect(try judged([mass(0.5, "cat"), mass(0.5, "dog")]) == .refuted)
        // Photographs are asked where there are some.
        let photographs: [Condition] = ["photograph_cats", "photograph_dogs"]
        #expect(try judged(photographs.map { mass(0.9, $0) } + [mass(0.2, "cat"), mass(0.2, "dog")], photographs) == .supported)
    }

    @Test func `C4 has two halves, and a training sequence must be nearer than truth and than the mean`() throws {
        let animals: [Condition] = ["cat", "dog"], fallback = animals.map { mass(0.9, $0) }
        func judged(_ rows: [SummaryRow]) throws -> Claim.Verdict? { verdict(.c4, try claims("memorizer", fallback + rows)) }
        #expect(try judged([]) == .undecided)
        #expect(try judged(animals.map { distance(0.8, $0) }) == .supported)
        // A constant answer falls back on one demonstration always, but no nearer than itself.
        #expect(try judged(animals.map { distance(0.8, $0, mean: 0.78) }) == .undecided)
        #expect(try judged(animals.map { distance(1.5, $0) }) == .refuted)
        // Where a twin was trained, it has its say, unless it has not fitted.
        let near = animals.map { distance(0.3, $0) }
        func share(_ low: Double, _ verdict: Verdict = .measured) -> [SummaryRow] {
            animals.map { row(.symmetricShare, low + 0.02, low, low + 0.04, condition: $0, verdict: verdict) }
        }
        #expect(try judged(near + share(0.9)) == .supported)
        #expect(try judged(near + share(0.55)) == .undecided)
        #expect(try judged(near + share(0.48)) == .refuted)
        #expect(try judged(near + share(0.48, .notFitted)) == .undecided)
    }

    @Test func `C3, C5, C7 and C8 read their intervals`() throws {
        func judged(_ rows: [SummaryRow], _ id: ClaimID) throws -> Claim.Verdict? { verdict(id, try claims("memorizer", rows)) }
        func step(_ low: Double) -> SummaryRow { row(.step, low + 0.1, low, low + 0.2, condition: Design.sweep.condition) }
        #expect(try judged([row(.largestWeight, 0.95, 0.92, 0.98), step(0.6)], .c3) == .supported)
        #expect(try judged([row(.largestWeight, 0.95, 0.92, 0.98)], .c3) == .undecided)
        #expect(try judged([row(.largestWeight, 0.95, 0.92, 0.98), step(0.1)], .c3) == .refuted)
        #expect(try judged([row(.largestWeight, 0.9, 0.85, 0.95), step(0.6)], .c3) == .undecided)
        #expect(try judged([row(.sizeSlope, -0.1, -0.2, -0.01, policy: "state_ddpm_s0")], .c5) == .supported)
        #expect(try judged([row(.sizeSlope, 0.1, 0.05, 0.2, policy: "state_ddpm_s0")], .c5) == .refuted)
        func ratio(_ endpoint: Endpoint, _ value: Double) -> SummaryRow {
            var ratio = row(endpoint, value, policy: "alt", condition: .timed)
            ratio.against = .subject
            return ratio
        }
        #expect(try judged([ratio(.latency(over: "diffusion_ddpm"), 0.001), ratio(.memory(over: "diffusion_ddpm"), 0.008)], .c7) == .supported)
        #expect(try judged([ratio(.latency(over: "diffusion_ddpm"), 0.001), ratio(.memory(over: "diffusion_ddpm"), 0.1)], .c7) == .refuted)
        #expect(try judged([row(.tableAdvantage, 0.1, 0.05, 0.2, policy: "alt_similarity", condition: "all")], .c8) == .supported)
        #expect(try judged([], .c8) == .undecided)
    }

    @Test func `C8 also follows the table's rollouts, where it acted`() throws {
        func judged(_ low: Double, at condition: Condition = "rollouts_alt", policy: PolicyID = "alt_similarity", advantage: Double? = 0.05) throws -> Claim.Verdict? {
            let failure = row(.failureAuroc, low + 0.1, low, low + 0.2, policy: policy, condition: condition)
            let other = advantage.map { row(.tableAdvantage, $0 + 0.05, $0, $0 + 0.1, policy: "alt_similarity", condition: "all") }
            return verdict(.c8, try claims("memorizer", [failure] + [other].compactMap { $0 }))
        }
        #expect(try judged(0.6) == .supported)
        #expect(try judged(0.4) == .undecided)
        #expect(try judged(0.2) == .refuted)
        // Only the table's own monitor, on its own rollouts; the others are shown.
        #expect(try judged(0.2, at: "rollouts_diffusion_ddim") == .supported)
        #expect(try judged(0.2, policy: "pixel_distance") == .supported)
        // It does not stand in for what must be there.
        #expect(try judged(0.6, advantage: nil) == .undecided)
        let shown = try claims("memorizer", [
            row(.failureAuroc, 0.7, policy: "alt_similarity", condition: "rollouts_diffusion_ddim"),
            row(.failureAdvantage, 0.1, policy: "alt_similarity", condition: "rollouts_alt"),
        ])
        #expect(shown.all.first { $0.id == .c8 }?.evidence.map(\.reading) == [.shown, .shown])
    }

    @Test func `a claim whose deciding probe was not asked says so and why, unless other evidence refutes it`() throws {
        let alone = try claims("memorizer", [], unasked: ["p05": "one query demonstration", "p27": "shown only"])
        #expect(verdict(.c2, alone) == .notAsked && verdict(.c1, alone) == .supported && verdict(.c6, alone) == .undecided)
        let row = try #require(alone.table.texts("claim").firstIndex(of: "C2"))
        #expect(alone.table.texts("claim_verdict")[row] == "not asked" && alone.table.texts("verdict")[row] == "not asked")
        #expect(alone.table.texts("probe")[row] == "p05" && alone.table.texts("rule")[row] == "one query demonstration")
        #expect(verdict(.c8, try claims("interpolator", [], unasked: ["p21": "no cameras"])) == .notAsked)
        #expect(verdict(.c3, try claims("interpolator", [], unasked: ["p07": "no unit"])) == .notAsked)
        #expect(verdict(.c1, try claims("generalizer", [], unasked: ["p10": "shown only"])) == .refuted)
    }

    @Test func `the table carries the fit and the training beside every row`() throws {
        let table = try claims("memorizer", []).table
        #expect(table.rows.count >= 8)
        #expect(table.numbers("windows") == [Double](repeating: 320, count: table.rows.count))
        #expect(table.numbers("fit").allSatisfy { $0 == 0 })
        #expect(table.numbers("epochs").first == 12.5)
    }

    @Test func `the oracle table says which endpoints separate`() throws {
        let rows = [("memorizer", 1.0), ("interpolator", 0.7), ("generalizer", 0.5)].flatMap { oracle, value in
            [
                row(.dcrShare, value, value - 0.02, value + 0.02, policy: oracle),
                // The wrong way round.
                row(.nearestMinusExpert, value, value - 0.02, value + 0.02, policy: oracle),
            ]
        }
        let table = try OracleTable(rows, SyntheticStudy().context()).table
        #expect(table.texts("endpoint") == ["p03_dcr_share", "p04_nearest_minus_expert"])
        #expect(table.texts("separated") == ["true", "false"])
        #expect(table.texts("interpolator_between") == ["true", "true"])
    }
}
