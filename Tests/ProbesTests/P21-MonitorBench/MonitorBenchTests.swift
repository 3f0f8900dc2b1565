import Basics
import Probes
import Testing

@Suite struct MonitorBenchTests {
    private let study = SyntheticStudy()

    /// Conditions `same` (held-out points again) and `far` (points moved away); the table's similarity tells them apart
    /// or not, and so does the space.
    private func context(
        similarity: Float = 0.1, shift: Float = 20, monitors: [MonitorScores]? = nil, workers: Int = 2
    ) throws -> ProbeContext {
        let space = study.space
        let heldout = try #require(space.conditions["heldout"])
        let observations = heldout.count / space.width
        func answers(_ policy: PolicyID, _ condition: Condition, similarity: Float, spread: Double) -> GeneratedChunks {
            let oracle = study.generated("generalizer", "heldout", asked: study.query)
            var source = RandomSource(Seed(7) / policy / condition)
            let values = oracle.chunks.values.map { $0 + Float(spread * source.normal()) }
            let match = oracle.observation.map { observation in
                RecalledMatch(
                    trainChunk: 0, similarity: similarity + Float(observation % 7) / 1000, flag: similarity < 0.5)
            }
            return GeneratedChunks(
                policy: policy, condition: condition, chunks: oracle.chunks.replacingValues(values),
                observation: oracle.observation, sample: oracle.sample, match: policy.role == .table ? match : nil)
        }
        let asked: [(Condition, Float, Double)] = [("heldout", 0.9, 0.01), ("same", 0.9, 0.01), ("far", similarity, 0.5)]
        let generated = asked.flatMap {
            [
                answers("alt", $0.0, similarity: $0.1, spread: 0),
                answers("diffusion_ddpm", $0.0, similarity: 0, spread: $0.2),
            ]
        }
        var source = RandomSource(Seed(3))
        var measurements = Measurements()
        measurements[MonitorScores.self] = monitors ?? asked.map(\.0).map { condition in
            MonitorScores(
                monitor: "rnd", condition: condition, score: (0..<observations).map { _ in source.normal() }, seconds: 0.25)
        }
        let conditions: [Condition: [Float]] = [
            "heldout": heldout, "same": heldout, "far": heldout.enumerated().map { $1 + ($0 % 3 == 0 ? shift : 0) },
        ]
        measurements.spaces = [Space.pixels, .tableEncoder].map {
            ObservationSpace(space: $0, width: space.width, train: space.train, conditions: conditions)
        }
        let oracles = ["memorizer", "interpolator"].map { study.generated($0, "heldout", asked: study.query) }
        return try ProbeContext(
            train: study.train, reference: study.reference, query: study.query, generated: generated + oracles,
            measurements: measurements, resamples: 200, seed: Seed(1), pool: WorkerPool(workers: workers))
    }

    private let inSpace = [
        "knn_pixels", "mahalanobis_pixels", "pca_kmeans_pixels", "pixel_distance", "knn_alt_encoder",
        "mahalanobis_alt_encoder", "pca_kmeans_alt_encoder",
    ]

    @Test func `every monitor tells far from held-out perfectly and the same points not at all`() throws {
        let result = try MonitorBench().run(try context())
        let table = try #require(result.table("p21_detection"))
        for monitor in inSpace + ["alt_similarity", "action_variance"] {
            let far = ["monitor": monitor, "condition": "far"]
            #expect(table.numbers("auroc", where: far) == [1], "\(monitor)")
            #expect(table.numbers("aupr", where: far) == [1] && table.numbers("fpr95", where: far) == [0])
            #expect(table.numbers("flagged", where: far) == [1])
        }
        for monitor in inSpace + ["alt_similarity"] {
            #expect(result.row("p21_auroc", monitor, "same")?.value == 0.5)
            #expect(result.row("p21_auroc_all", monitor, "all")?.value == 0.75)
            #expect(result.row("p21_auroc", monitor, "same")?.control == "pixel_distance")
        }
        let random = try #require(result.row("p21_auroc", "rnd", "far"))
        #expect((random.low ?? 1) < 0.5 && (random.high ?? 0) > 0.5 && random.controlValue == 1)
        #expect(table.numbers("seconds", where: ["monitor": "rnd", "condition": "far"]) == [0.25])
        #expect(table.column("seconds", where: ["monitor": "knn_pixels", "condition": "far"]) == [.missing])
        #expect(result.table("p21_scores")?.rows.count == 10 * 3 * 24 * 5)
    }

    @Test func `every monitor is called in words`() throws {
        let table = try #require(MonitorBench().run(try context()).table("p21_detection"))
        let monitors = table.column("monitor").compactMap { if case .text(let name) = $0 { name } else { nil } }
        #expect(monitors.count > inSpace.count)
        for monitor in Set(monitors) {
            let label = try #require(MonitorWords.label(monitor), "\(monitor)")
            #expect(!label.contains("_"))
        }
        #expect(MonitorWords.label("knn_alt_encoder") == "5th neighbour, ALT's encoder" && MonitorWords.label("alt") == nil)
    }

    @Test func `the false alarms of left-out demonstrations are near alpha`() throws {
        let result = try MonitorBench().run(try context())
        for monitor in inSpace {
            let row = try #require(result.row("p21_false_alarm_share", monitor, "heldout"))
            #expect(row.controlValue == 0.125 && row.n == 24)
            #expect((row.low ?? 1) <= 0.125 && (row.high ?? 0) >= 0.125)
        }
    }

    @Test func `the table's advantage has the sign of who is better`() throws {
        func row(_ context: ProbeContext) throws -> SummaryRow {
            try #require(try MonitorBench().run(context).row("p21_alt_advantage", "alt_similarity", "all"))
        }
        let better = try row(try context(shift: 0))
        #expect(better.value == 0.25 && better.verdict == .beatsRivals && better.controlValue == 0.5)
        let worse = try row(try context(similarity: 0.9))
        #expect(worse.value == -0.25 && worse.verdict == .beaten)
        #expect(try row(try context()).verdict == .undecided)
    }

    @Test func `the ladder separates the oracles and counts the table's flags`() throws {
        let table = try #require(try MonitorBench().run(try context()).table("p21_ladder"))
        func d1(_ policy: String, _ condition: String = "heldout") -> Double {
            table.numbers("d1_median", where: ["policy": policy, "condition": condition]).first ?? .nan
        }
        let floor = try #require(table.numbers("d1_heldout").first)
        #expect(d1("memorizer") == 0)
        #expect(d1("interpolator") > 0 && d1("interpolator") < d1("alt"))
        #expect(abs(d1("alt") - floor) < 0.1 * floor)
        #expect(table.numbers("s_median", where: ["policy": "memorizer"]) == [1])
        #expect(table.numbers("alt_flagged", where: ["policy": "alt"]) == [0, 0, 1])
        #expect(d1("diffusion_ddpm", "far") > 2 * floor)
    }

    @Test func `a missing score, no monitor and no shifted condition are errors that say so`() throws {
        #expect(throws: Failure.self) {
            try MonitorBench().run(
                try context(monitors: [MonitorScores(monitor: "rnd", condition: "far", score: [1, 2])]))
        }
        #expect { try MonitorBench().run(try study.context()) } throws: { "\($0)".contains("p21 has nothing to measure") }
    }

    @Test func `results are the same for any number of workers`() throws {
        let first = try MonitorBench().run(try context())
        let second = try MonitorBench().run(try context(workers: 1))
        #expect(first.summary == second.summary)
        for (one, two) in zip(first.tables, second.tables) { #expect((one.table.csv == two.table.csv) as Bool) }
    }
}
