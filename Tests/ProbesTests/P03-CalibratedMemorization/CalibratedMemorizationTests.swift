import Basics
import Foundation
import Testing

@testable import Probes

@Suite struct CalibratedMemorizationTests {
    @Test(arguments: [1, 2, 4])
    func `on uniform data of dimension k unseen chunks follow c^k and share one half`(k: Int) throws {
        let train = pointChunks(1200, dimension: k, seed: 1)
        let reference = pointChunks(1200, dimension: k, first: 1200, seed: 2)
        let query = pointChunks(1200, dimension: k, first: 2400, seed: 3)
        let truth = GeneratedChunks(
            policy: "generalizer", condition: "heldout", chunks: query, observation: Array(0..<1200),
            sample: [Int](repeating: 0, count: 1200), truth: query)
        let context = try ProbeContext(
            train: train, reference: reference, query: query, generated: [truth], resamples: 200, seed: Seed(0),
            pool: WorkerPool(workers: 2))
        let result = try CalibratedMemorization().run(context)
        let curve = try #require(result.table("p03_curve"))
        for (c, f) in zip(curve.numbers("c"), curve.numbers("f_mem")) { #expect(abs(f - pow(c, Double(k))) < 0.05) }
        for (null, f) in zip(curve.numbers("null"), curve.numbers("f_mem")) { #expect(abs(f - null) < 0.06) }
        let share = try #require(result.row("p03_dcr_share", "generalizer", "heldout"))
        #expect((share.low ?? 1) <= 0.5 && 0.5 <= (share.high ?? 0))
        #expect(share.verdict == .fitUnknown)
        #expect(result.row("p03_c_t", "generalizer", "heldout")?.value == 0)
        // Area under f_mem is 1 - E[ratio] = 1 / (k + 1) under the null.
        let area = try #require(result.row("p03_mem_auc", "generalizer", "heldout")?.value)
        #expect(abs(area - 1 / Double(k + 1)) < 0.04)
    }

    @Test func `on fresh points C_T is near 0, and copies of samples inflate Z but not its clustered form`() throws {
        func proximity(copies: Int) throws -> (z: Double, clustered: Double) {
            let train = pointChunks(300, dimension: 2, seed: 1)
            let reference = pointChunks(300, dimension: 2, first: 300, seed: 2)
            let query = pointChunks(300, dimension: 2, first: 600, seed: 3)
            let rows = (0..<300).flatMap { [Int](repeating: $0, count: copies) }
            let answers = pointChunks(300, dimension: 2, first: 600, seed: 4).selecting(rows)
            let generated = GeneratedChunks(
                policy: "p", condition: "heldout", chunks: answers, observation: rows,
                sample: rows.indices.map { $0 % copies },
                truth: query.selecting(rows))
            let context = try ProbeContext(
                train: train, reference: reference, query: query, generated: [generated], resamples: 1000,
                seed: Seed(0),
                pool: WorkerPool(workers: 2))
            let result = try CalibratedMemorization().run(context)
            return (
                try #require(result.row("p03_c_t", "p", "heldout")?.value),
                try #require(result.row("p03_c_t_clustered", "p", "heldout")?.value)
            )
        }
        let once = try proximity(copies: 1)
        let often = try proximity(copies: 16)
        #expect(abs(once.z) < 2.5)
        #expect(abs(once.clustered - once.z) < 0.25 * abs(once.z) + 0.1)
        #expect(abs(often.z) > 1.2 * abs(once.z))
        #expect(abs(often.clustered - once.clustered) < 0.2 * abs(once.clustered) + 0.1)
    }

    /// Where all units agree a bootstrap sees no variation; a share of 0 of n has a standard deviation all the same.
    @Test func `the clustered C_T of demonstrations that all say the same is that of a share never seen`() throws {
        #expect(TruthProximity.clusteredZ(area: 0, replicates: [0, 0, 0], units: 1) == nil)
        // Beta(0.5, 4.5) has the variance 0.5 * 4.5 / (25 * 6).
        let four = try #require(TruthProximity.clusteredZ(area: 0, replicates: [0, 0, 0], units: 4))
        #expect(abs(four + 0.5 / (2.25 / 150).squareRoot()) < 1e-12)
        #expect(TruthProximity.clusteredZ(area: 0.5, replicates: [0.5, 0.5], units: 4) == 0)
        let varied = try #require(TruthProximity.clusteredZ(area: 0.2, replicates: [0.1, 0.3], units: 4))
        #expect(abs(varied + 0.3 / 0.02.squareRoot()) < 1e-12)
        let study = SyntheticStudy()
        let result = try CalibratedMemorization().run(study.context([]))
        #expect(result.row("p03_c_t_clustered", "memorizer", "heldout")?.value ?? 0 < -3)
    }

    @Test func `C_T by phase finds the phase in which a policy recalls`() throws {
        let study = SyntheticStudy()
        let recalled = study.generated("memorizer", "heldout", asked: study.query)
        let truth = try #require(recalled.truth)
        let width = truth.width
        let values = (0..<truth.count).flatMap { row in
            (truth.phase[row] == "early" ? recalled.chunks : truth).values[row * width..<(row + 1) * width]
        }
        let mixed = GeneratedChunks(
            policy: "mixed", condition: "heldout", chunks: truth.replacingValues(values), observation: recalled.observation,
            sample: recalled.sample, truth: truth)
        let table = try #require(try CalibratedMemorization().run(study.context([mixed])).table("p03_c_t"))
        func z(_ phase: String) -> Double {
            table.numbers("z", where: ["policy": "mixed", "phase": phase]).first ?? .nan
        }
        #expect(z("early") < -3)
        #expect(z("middle") == 0 && z("late") == 0)
        #expect(z("all") < 0 && z("all") > z("early"))
    }

    @Test func `a policy that recalls the reference instead is not memorized`() throws {
        let study = SyntheticStudy()
        let metric = try ChunkMetric.fit(study.train)
        let near = NearestChunks(of: metric.scaled(study.query), in: metric.scaled(study.reference), pool: WorkerPool(workers: 2))
        let chunks = study.query.replacingValues(study.reference.selecting(near.index).values)
        let swapped = GeneratedChunks(
            policy: "memorizer", condition: "distractor", chunks: chunks, observation: Array(0..<chunks.count),
            sample: [Int](repeating: 0, count: chunks.count), truth: study.query)
        let row = try CalibratedMemorization().run(try study.context([swapped])).row(
            "p03_dcr_share", "memorizer", "distractor")
        #expect(row?.value == 0)
        #expect(row?.verdict == .notMemorized)
    }

    @Test func `a tie counts half and unequal splits are refused`() throws {
        // The generated point is as far from training chunk 0 as from reference chunk 2.
        func points(_ values: [Float], _ demonstrations: [Int]) -> Chunks {
            Chunks(
                horizon: 1, actionDimension: 1, values: values, demonstration: demonstrations,
                frame: [Int](repeating: 0, count: values.count))
        }
        let train = points([-1, 3], [0, 1])
        let reference = points([1, 5], [2, 3])
        let query = points([0], [4])
        let generated = GeneratedChunks(
            policy: "p", condition: "heldout", chunks: query, observation: [0], sample: [0], truth: query)
        let context = try ProbeContext(
            train: train, reference: reference, query: query, generated: [generated], resamples: 10, seed: Seed(0))
        let row = try #require(try CalibratedMemorization().run(context).row("p03_dcr_share", "p", "heldout"))
        #expect(row.value == 0.5 && row.low == nil && row.n == 1)
        let small = try ProbeContext(
            train: train, reference: points([1], [2]), query: query, generated: [generated], resamples: 10,
            seed: Seed(0))
        #expect(throws: Failure.self) { try CalibratedMemorization().run(small) }
    }

    @Test func `exact training chunks have ratio 0 and S 1 even when every demonstration is the same`() throws {
        let same = Chunks(
            horizon: 1, actionDimension: 2, values: [Float](repeating: 0.5, count: 8), demonstration: [0, 1, 2, 3],
            frame: [0, 0, 0, 0])
        let train = same.selecting([0, 1])
        let reference = same.selecting([2, 3])
        let query = Chunks(horizon: 1, actionDimension: 2, values: [0.1, 0.2], demonstration: [4], frame: [0])
        let alt = GeneratedChunks(
            policy: "alt", condition: "heldout", chunks: train, observation: [0, 1], sample: [0, 0], cluster: [4, 5])
        let context = try ProbeContext(
            train: train, reference: reference, query: query, generated: [alt], resamples: 20, seed: Seed(0))
        let audit = try PaperAudit().run(context)
        #expect(audit.row("p02_s_median", "alt", "heldout")?.value == 1)
        #expect(audit.row("p02_ratio_median", "alt", "heldout")?.value == 0)
        let csv = try #require(audit.table("p02_samples")).csv
        #expect(!csv.lowercased().contains("nan") && !csv.contains("inf"))
    }
}
