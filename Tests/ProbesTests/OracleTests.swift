import Basics
import Probes
import Testing

/// Every probe about memory must tell memorizer, interpolator and generalizer apart.
@Suite struct OracleTests {
    private let context: ProbeContext

    init() throws { context = try SyntheticStudy().context() }

    @Test func `P01 finds what each oracle recalls at training observations`() throws {
        let result = try TrainPointRecall().run(context)
        #expect(result.row("p01_recall_at_1", "memorizer")?.value == 1)
        #expect(result.row("p01_delta_t_median", "memorizer")?.value == 0)
        #expect(result.row("p01_error_over_d12", "memorizer")?.value == 0)
        #expect(result.row("p01_error_over_d12", "memorizer")?.verdict == .fitted)
        let blurred = try #require(result.row("p01_error_over_d12", "interpolator"))
        #expect(blurred.value ?? 0 > 0.5)
        #expect(blurred.verdict == .notFitted)
        #expect(result.row("p01_recall_at_1", "memorizer")?.controlValue.map { abs($0 - 1.0 / 16) < 1e-12 } == true)
        let samples = try #require(result.table("p01_samples"))
        #expect(samples.rows.count == 3 * 16 * 5 * 2)
    }

    @Test func `P02 puts the memorizer at S 1 and the generalizer at its held-out control`() throws {
        let result = try PaperAudit().run(context)
        let memorizer = try #require(result.row("p02_s_median", "memorizer", "heldout"))
        #expect(memorizer.value == 1 && memorizer.low == 1 && memorizer.high == 1)
        #expect(memorizer.verdict == .closerThanHeldout)
        #expect(result.row("p02_ratio_median", "memorizer", "heldout")?.value == 0)
        let generalizer = try #require(result.row("p02_s_median", "generalizer", "heldout"))
        #expect(generalizer.verdict == .undecided)
        #expect(generalizer.controlValue.map { abs($0 - (generalizer.value ?? 9)) < 0.1 } == true)
        #expect(result.row("p02_s_median", "memorizer")?.verdict == .fitCheck)
        #expect(result.row("p02_s_median", "interpolator", "heldout")?.verdict == .notFitted)
        #expect(
            result.summary.filter { $0.endpoint.key != "p02_out_of_distribution_share" }.allSatisfy {
                $0.control == "heldout" && $0.controlValue != nil
            })
    }

    @Test func `P03 gives share 1 to the memorizer, one half to the generalizer and the interpolator between`() throws {
        let result = try CalibratedMemorization().run(context)
        func share(_ policy: String) throws -> SummaryRow {
            try #require(result.row("p03_dcr_share", policy, "heldout"))
        }
        #expect(try share("memorizer").value == 1)
        #expect(try share("memorizer").verdict == .memorized)
        let generalizer = try share("generalizer")
        #expect((generalizer.low ?? 1) <= 0.5 && (generalizer.high ?? 0) >= 0.5)
        #expect(generalizer.verdict == .notShown)
        let between = try #require(try share("interpolator").value)
        #expect(between > generalizer.value ?? 1 && between < 1)
        #expect(result.row("p03_c_t", "memorizer", "heldout")?.value ?? 0 < -3)
        #expect(result.row("p03_c_t", "generalizer", "heldout")?.value.map { abs($0) < 1e-9 } == true)
        let f = ["memorizer", "interpolator", "generalizer"].map {
            result.row("p03_f_mem_one_third", $0, "heldout")?.value ?? -1
        }
        #expect(f[0] == 1 && f[1] < 0.5 && f[2] < 0.5)
        #expect(result.row("p03_mem_auc", "memorizer", "heldout")?.value == 1)
        #expect(result.row("p03_authentic_share", "memorizer", "heldout")?.value == 0)
        #expect(result.row("p03_dcr_share", "memorizer")?.verdict == .fitCheck)
        let phases = try #require(result.table("p03_c_t")).column(
            "phase", where: ["policy": "memorizer", "condition": "heldout"])
        #expect(phases == ["all", "early", "late", "middle"])
    }

    @Test func `results are the same for any number of workers`() throws {
        let other = try SyntheticStudy().context(workers: 1)
        // Those that need a measurement of their own, or nonsense images, have their own test of it.
        let special = ["p05", "p06", "p08", "p09", "p10", "p12", "p13", "p16", "p17", "p18", "p19", "p21", "p22", "p23", "p25", "p28"]
        for probe in AllProbes.all where !special.contains(probe.name) {
            let first = try probe.run(context)
            let second = try probe.run(other)
            #expect(first.summary == second.summary)
            for (one, two) in zip(first.tables, second.tables) { #expect(one.table.csv == two.table.csv) }
        }
    }
}
