import Basics
import Compute

/// The five nearest of a table's rows, exactly: rows of 128, the length of an embedding.
final class LookupTop5: Measurable {
    private static let width = BenchmarkSizes.embedding, count = 5
    private let rows: [Float]
    private let query: [Float]
    private let rowCount: Int
    private let search: NearestRows
    let flops: Int
    /// Read by every search: the table in its compact form.
    let bytes: Int
    var limit: MachineLimit { .bandwidth(bytes: bytes) }
    let note: String

    init(_ context: BenchmarkContext, rows rowCount: Int) {
        self.rowCount = rowCount
        let pool = WorkerPool(workers: context.workers)
        rows = RandomInputs.unitRows(rowCount, width: Self.width, pool: pool)
        // Near a row but not on it, as the peer's.
        query = Self.unit(rows[0..<Self.width].map { $0 + 0.01 })
        flops = 2 * rows.count
        search = NearestRows(rows, width: Self.width, pool: pool)
        bytes = search.byteCount
        note = "rows of \(Self.width), \(rows.count * MemoryLayout<Float>.stride / 1_000_000) MB as floats"
    }

    func run() { _ = search.nearest(to: query, count: Self.count) }

    /// The answers of a plain scan in double precision, for a query near a row and for one that is near none.
    func check() throws {
        let far = Self.unit(RandomInputs.normal(Self.width, "query"))
        for query in [query, far] {
            let found = search.nearest(to: query, count: Self.count), truth = scan(query)
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
