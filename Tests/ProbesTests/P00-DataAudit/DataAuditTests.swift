import Basics
import Probes
import Testing

@Suite struct DataAuditTests {
    private func dimension(_ chunks: Chunks) throws -> SummaryRow? {
        let context = try ProbeContext(train: chunks, resamples: 100, seed: Seed(0), pool: WorkerPool(workers: 2))
        return try DataAudit().run(context).row("p00_intrinsic_dimension")
    }

    @Test(arguments: [1, 2, 5])
    func `TwoNN finds the dimension of uniform data`(k: Int) throws {
        let row = try #require(try dimension(pointChunks(1500, dimension: k, seed: 4)))
        #expect(abs((row.value ?? 0) / Double(k) - 1) < 0.1)
        #expect((row.low ?? 9) < (row.value ?? 0) && (row.value ?? 0) < (row.high ?? 0))
    }

    @Test func `TwoNN finds the dimension of Gaussian data`() throws {
        let row = try #require(try dimension(pointChunks(1500, dimension: 3, seed: 5, gaussian: true)))
        #expect(abs((row.value ?? 0) / 3 - 1) < 0.1)
    }

    @Test func `windows of one demonstration are not each other's neighbours`() throws {
        // 300 demonstrations of 4 nearly equal chunks: counting them would give a dimension near 0.
        let points = pointChunks(300, dimension: 2, seed: 6)
        let repeated = points.selecting((0..<300).flatMap { [$0, $0, $0, $0] })
        let row = try #require(try dimension(repeated))
        #expect(abs((row.value ?? 0) / 2 - 1) < 0.2)
        #expect(row.n == 300)
    }

    @Test func `lengths, D12 and duplicates are listed`() throws {
        let study = SyntheticStudy(train: 6, reference: 6, query: 6)
        // A seventh demonstration that is a copy of demonstration 2's first chunks.
        let copied = study.train.selecting([40, 41, 42])
        let train = Chunks(
            horizon: 8, actionDimension: 3, values: study.train.values + copied.values,
            demonstration: study.train.demonstration + [77, 77, 77], frame: study.train.frame + [0, 1, 2])
        let context = try ProbeContext(train: train, query: study.query, resamples: 50, seed: Seed(0), pool: WorkerPool(workers: 2))
        let result = try DataAudit().run(context)
        let lengths = try #require(result.table("p00_lengths"))
        #expect(lengths.numbers("sequences", where: ["split": "train"]) == [20, 20, 20, 20, 20, 20, 3])
        #expect(lengths.numbers("last_frame", where: ["split": "query"]) == [19, 19, 19, 19, 19, 19])
        let duplicates = try #require(result.table("p00_duplicates"))
        #expect(duplicates.numbers("demonstration_position") == [2, 2, 2, 77, 77, 77])
        #expect(duplicates.numbers("duplicate_demonstration_position") == [77, 77, 77, 2, 2, 2])
        let histogram = try #require(result.table("p00_d12_histogram"))
        #expect(histogram.numbers("count").reduce(0, +) == 123)
        let quantiles = try #require(result.table("p00_d12_quantiles")).numbers("d12")
        #expect(quantiles == quantiles.sorted() && quantiles[0] == 0)
        #expect(result.row("p00_d12_median")?.value == quantiles[3])
        #expect(result.table("p00_modes") == nil)
    }

    @Test func `two ways to act at the same observation show as modes and one does not`() throws {
        func audit(modes: Bool) throws -> SummaryRow {
            var source = RandomSource(Seed(8))
            var values: [Float] = []
            var features: [Float] = []
            var labels: [Int] = []
            for demonstration in 0..<40 {
                let side = modes ? (demonstration % 2 == 0 ? -1.0 : 1) : 0
                for frame in 0..<5 {
                    values += (0..<8).map { _ in Float(side + 0.5 * source.normal()) }
                    features += [Float(frame), Float(0.1 * source.normal())]
                    labels.append(demonstration)
                }
            }
            let train = Chunks(
                horizon: 4, actionDimension: 2, values: values, demonstration: labels,
                frame: labels.indices.map { $0 % 5 })
            var measurements = Measurements()
            measurements.spaces = [ObservationSpace(space: Space("state"), width: 2, train: features)]
            let context = try ProbeContext(
                train: train, measurements: measurements, resamples: 200, seed: Seed(0), pool: WorkerPool(workers: 2))
            return try #require(try DataAudit().run(context).row("p00_two_modes_share"))
        }
        let two = try audit(modes: true)
        let one = try audit(modes: false)
        #expect(two.verdict == .multimodal)
        #expect(one.verdict == .notMultimodal)
        #expect((two.value ?? 0) > 0.7 && (two.value ?? 0) > (two.controlValue ?? 1) + 0.05)
    }
}
