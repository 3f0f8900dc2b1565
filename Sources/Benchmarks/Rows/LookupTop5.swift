import Basics
import Compute
import Images
import Networks
import Policies

/// The five nearest of a table's rows for one query or a batch, exactly: rows of 128, the length of an embedding.
final class LookupTop5: Measurable {
    private static let width = BenchmarkSizes.embedding, count = 5
    private let rows: [Float]
    /// [queries, width]: each near a row but not on it, as the peer's.
    private let queries: [Float]
    private let rowCount: Int
    private let search: NearestRows
    let flops: Int
    /// Read by every search: the table in its compact form.
    let bytes: Int
    /// A batch multiplies more than it reads, but integers, for which no limit is measured.
    var limit: MachineLimit { .bandwidth(bytes: bytes) }
    let note: String

    init(_ context: BenchmarkContext, rows rowCount: Int, queries count: Int = 1) {
        self.rowCount = rowCount
        let pool = WorkerPool(workers: context.workers)
        rows = RandomInputs.unitRows(rowCount, width: Self.width, pool: pool)
        queries = (0..<count).flatMap { [rows] in
            Self.unit(rows[$0 * Self.width..<($0 + 1) * Self.width].map { $0 + 0.01 })
        }
        flops = 2 * rows.count * count
        search = NearestRows(rows, width: Self.width, pool: pool)
        bytes = search.byteCount
        note = "rows of \(Self.width), \(rows.count * MemoryLayout<Float>.stride / 1_000_000) MB as floats" + (count == 1 ? "" : "; \(count) queries at once")
    }

    func run() { _ = search.nearest(toEach: queries, count: Self.count) }

    /// The answers of a plain scan in double precision, for queries near a row and for one that is near none.
    func check() throws {
        let asked = queries + Self.unit(RandomInputs.normal(Self.width, "query"))
        for (number, found) in search.nearest(toEach: asked, count: Self.count).enumerated() {
            let query = Array(asked[number * Self.width..<(number + 1) * Self.width]), truth = scan(query)
            for (place, expected) in truth.enumerated() {
                let row = place < found.count ? found[place].row : -1
                // Rows whose products differ by less than a float's rounding may change places.
                let product = row >= 0 ? Self.product(rows, row, query) : -.infinity
                try ResultCheck.require(
                    found.count == truth.count && Set(found.map(\.row)).count == found.count && abs(product - expected.score) < 1e-6,
                    "the lookup is not that of a plain scan", row: "lookup_top5_\(rowCount)",
                    expected: "row \(expected.row) at place \(place + 1), product \(expected.score)",
                    found: "row \(row), product \(product), of \(found.count) rows")
            }
        }
    }

    private func scan(_ query: [Float]) -> [(row: Int, score: Double)] {
        var best: [(row: Int, score: Double)] = []
        for row in 0..<rowCount {
            let score = Self.product(rows, row, query)
            if best.count == Self.count, score <= best[best.count - 1].score { continue }
            best.insert((row, score), at: best.firstIndex { score > $0.score } ?? best.count)
            if best.count > Self.count { best.removeLast() }
        }
        return best
    }

    private static func product(_ rows: [Float], _ row: Int, _ query: [Float]) -> Double {
        rows.withUnsafeBufferPointer { rows in
            query.withUnsafeBufferPointer { query in
                var sum = 0.0
                for i in 0..<width { sum += Double(rows[row * width + i]) * Double(query[i]) }
                return sum
            }
        }
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        return vector.map { Float(Double($0) / norm) }
    }
}

/// The lookup table's embedding of one observation, from the pictures of both cameras to the unit vector.
final class EncodeOne: Measurable {
    private let network: ContrastiveEncoder
    private let parameters: FloatBuffer
    private let pictures: [[RGBImage]]
    private let embedding: ObservationEmbedding
    private let workers: Int
    let flops: Int
    let executedFlops: Int
    let limit = MachineLimit.multiplyAddOneCore
    let note: String

    init(_ context: BenchmarkContext) {
        network = context.sizes.contrastiveNetwork()
        parameters = network.store.makeInitialized(BenchmarkContext.seed / "initial")
        pictures = [BenchmarkSizes.cameras.map { RandomInputs.image(side: context.sizes.imageSize, $0) }]
        workers = context.workers
        embedding = ObservationEmbedding(network, parameters: parameters, pool: WorkerPool(workers: workers))
        flops = embedding.flops
        executedFlops = embedding.executedFlops
        note = "resampling of the pictures included"
    }

    func run() { _ = embedding.embed(pictures) }

    /// A unit vector, the same bits for another number of workers.
    func check() throws {
        try ResultCheck.products(of: network.imagePlan(for: .inference).plan, row: "alt_encode_one")
        let other = ResultCheck.otherWorkers(than: workers)
        let theirs = ObservationEmbedding(network, parameters: parameters, pool: WorkerPool(workers: other)).embed(pictures)
        let ours = embedding.embed(pictures)
        try ResultCheck.sameBits(ours, theirs, workers: (workers, other), row: "alt_encode_one")
        let norm = ours.reduce(0) { $0 + Double($1) * Double($1) }
        try ResultCheck.require(
            abs(norm - 1) < 1e-4, "an embedding has no unit length", row: "alt_encode_one", expected: "1", found: "\(norm)")
    }
}
