import Basics
import Synchronization

/// Exact search for the rows of a table with the largest inner products with a query (of unit vectors: the nearest).
///
/// A first pass reads the rows as bytes, a quarter of the floats, and bounds every product from above; only rows whose
/// bound exceeds the last of the best rows found so far are multiplied in float. The answer is that of multiplying
/// every row, to the last bit: see `QuantizedRows` for the bound. Equal products: the lower row first. A product that
/// is NaN counts as -infinity; rows and queries that hold NaN, infinity or lengths outside 2^-60 ... 2^60 cost time only.
public final class NearestRows: Sendable {
    public let width: Int
    public let count: Int
    private let rows: [Float]  // [count, width]
    private let quantized: QuantizedRows
    private let pool: WorkerPool
    /// Bytes of codes that take a worker longer to read than it takes to wake (measured: 85 and 40 microseconds).
    private static let smallestLane = 1 << 21

    /// - Parameters:
    ///   - rows: [n, width], shared with the caller, not copied.
    ///   - pool: quantises the rows now and searches them later; the results do not depend on its workers.
    public init(_ rows: [Float], width: Int, pool: WorkerPool) {
        precondition(width > 0 && !rows.isEmpty && rows.count % width == 0, "\(rows.count) values in rows of \(width)")
        self.rows = rows
        self.width = width
        self.pool = pool
        count = rows.count / width
        quantized = rows.withUnsafeBufferPointer {
            QuantizedRows($0.baseAddress.unsafelyUnwrapped, count: rows.count / width, width: width, pool: pool)
        }
    }

    /// Bytes kept besides the rows themselves.
    public var byteCount: Int { quantized.byteCount }

    /// The `count` rows of largest product with `query` [width], best first; all rows when there are fewer.
    public func nearest(to query: [Float], count: Int) -> [ScoredRow] {
        search(query, QuantizedRows.Query(query), count: count)
    }

    /// The same answer by multiplying every row in float: the plain reference of `nearest`.
    public func scan(_ query: [Float], count: Int) -> [ScoredRow] { search(query, nil, count: count) }

    private func search(_ query: [Float], _ codes: QuantizedRows.Query?, count: Int) -> [ScoredRow] {
        precondition(query.count == width, "a query of \(query.count) values for rows of \(width)")
        let lanes = max(1, min(pool.workers, self.count * width / Self.smallestLane))
        let best = Mutex(BestRows(capacity: count))
        pool.run(lanes: lanes) { lane, _ in
            let range = self.count * lane / lanes..<self.count * (lane + 1) / lanes
            let found =
                codes.map { boundedSearch(range, query, $0, count: count) } ?? plainSearch(range, query, count: count)
            best.withLock { $0.offer(found) }
        }
        return best.withLock { $0.rows }
    }

    private func boundedSearch(_ range: Range<Int>, _ query: [Float], _ codes: QuantizedRows.Query, count: Int) -> BestRows {
        var best = BestRows(capacity: count)
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: QuantizedRows.blockRows) { dots in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: QuantizedRows.blockRows) { bounds in
                let (dots, bounds) = (dots.baseAddress.unsafelyUnwrapped, bounds.baseAddress.unsafelyUnwrapped)
                for start in stride(from: range.lowerBound, to: range.upperBound, by: QuantizedRows.blockRows) {
                    let block = start..<min(range.upperBound, start + QuantizedRows.blockRows)
                    quantized.upperBounds(block, query: codes, dots: dots, into: bounds)
                    // Written so that a bound of NaN excludes nothing.
                    for row in block where !(bounds[row - start] <= best.threshold) { best.offer(scored(row, query)) }
                }
            }
        }
        return best
    }

    private func plainSearch(_ range: Range<Int>, _ query: [Float], count: Int) -> BestRows {
        var best = BestRows(capacity: count)
        for row in range { best.offer(scored(row, query)) }
        return best
    }

    private func scored(_ row: Int, _ query: [Float]) -> ScoredRow {
        let score = rows.withUnsafeBufferPointer { rows in
            Vector.dot(rows.baseAddress.unsafelyUnwrapped + row * width, query, count: width)
        }
        return ScoredRow(row: row, score: score)
    }
}

/// A row of a table and its inner product with a query.
public struct ScoredRow: Sendable, Equatable {
    public let row: Int
    public let score: Float

    /// Larger score first, then the lower row: a total order. NaN counts as -infinity.
    func precedes(_ other: ScoredRow) -> Bool {
        rank == other.rank ? row < other.row : rank > other.rank
    }

    var rank: Float { score.isNaN ? -.infinity : score }
}

/// The first `capacity` rows, in the order of `ScoredRow.precedes`, of all that were offered in any order.
struct BestRows {
    let capacity: Int
    private(set) var rows: [ScoredRow] = []
    /// A row of no larger score, offered after all lower rows of its range, would not be taken.
    private(set) var threshold = -Float.infinity

    init(capacity: Int) {
        precondition(capacity > 0, "the best \(capacity) rows; at least 1 is needed")
        self.capacity = capacity
        rows.reserveCapacity(min(capacity, 1024))
    }

    mutating func offer(_ candidate: ScoredRow) {
        if rows.count == capacity {
            guard candidate.precedes(rows[capacity - 1]) else { return }
            rows.removeLast()
        }
        var place = rows.count
        while place > 0, candidate.precedes(rows[place - 1]) { place -= 1 }
        rows.insert(candidate, at: place)
        if rows.count == capacity { threshold = rows[capacity - 1].rank }
    }

    mutating func offer(_ others: BestRows) {
        for candidate in others.rows { offer(candidate) }
    }
}
