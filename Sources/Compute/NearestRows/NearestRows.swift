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
        precondition(query.count == width, "a query of \(query.count) values for rows of \(width)")
        return nearest(toEach: query, count: count)[0]
    }

    /// The same for each of `queries` [n, width], which share what is read of the table.
    public func nearest(toEach queries: [Float], count: Int) -> [[ScoredRow]] {
        precondition(queries.count % width == 0, "\(queries.count) values in queries of \(width)")
        let codes = QuantizedRows.Queries(queries, width: width)
        return search(queries, count: count) { boundedSearch($0, queries, codes, count: count) }
    }

    /// The answer to one query by multiplying every row in float: the plain reference of `nearest`.
    public func scan(_ query: [Float], count: Int) -> [ScoredRow] {
        precondition(query.count == width, "a query of \(query.count) values for rows of \(width)")
        return search(query, count: count) { blocks in
            var best = BestRows(capacity: count)
            for row in rows(of: blocks) { best.offer(scored(row, query, 0)) }
            return [best]
        }[0]
    }

    /// - Parameter part: the best of some blocks of rows for each query
    private func search(_ queries: [Float], count: Int, _ part: @Sendable (Range<Int>) -> [BestRows]) -> [[ScoredRow]] {
        let number = queries.count / width, blocks = quantized.blockCount
        let lanes = max(1, min(pool.workers, blocks, number * self.count * width / Self.smallestLane))
        let best = Mutex([BestRows](repeating: BestRows(capacity: count), count: number))
        pool.run(lanes: lanes) { lane, _ in
            let found = part(blocks * lane / lanes..<blocks * (lane + 1) / lanes)
            best.withLock { best in
                for query in 0..<number { best[query].offer(found[query]) }
            }
        }
        return best.withLock { $0.map(\.rows) }
    }

    private func rows(of blocks: Range<Int>) -> Range<Int> {
        blocks.lowerBound * QuantizedRows.blockRows..<min(count, blocks.upperBound * QuantizedRows.blockRows)
    }

    /// All queries of a block of rows while its codes are in the cache.
    private func boundedSearch(
        _ blocks: Range<Int>, _ queries: [Float], _ codes: QuantizedRows.Queries, count: Int
    ) -> [BestRows] {
        let number = codes.isBounded.count, step = QuantizedRows.queriesAtOnce, blockRows = QuantizedRows.blockRows
        var best = [BestRows](repeating: BestRows(capacity: count), count: number)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: step * blockRows) { bounds in
            let bounds = bounds.baseAddress.unsafelyUnwrapped
            for block in blocks {
                let rows = rows(of: block..<block + 1)
                for first in stride(from: 0, to: number, by: step) {
                    let some = first..<min(number, first + step)
                    quantized.upperBounds(block, codes, some, into: bounds)
                    for query in some {
                        offer(
                            rows, bounds: bounds + (query - first) * blockRows, isBounded: codes.isBounded[query], queries, query,
                            to: &best[query])
                    }
                }
            }
        }
        return best
    }

    @inline(__always)
    private func offer(
        _ rows: Range<Int>, bounds: UnsafePointer<Float>, isBounded: Bool, _ queries: [Float], _ query: Int, to best: inout BestRows
    ) {
        guard isBounded else {
            for row in rows { best.offer(scored(row, queries, query)) }
            return
        }
        // All of the block at once, since most have no row to multiply. Written so that a bound of NaN excludes nothing.
        var open: Int32 = 0
        let threshold = best.threshold
        for i in 0..<QuantizedRows.blockRows { open |= bounds[i] <= threshold ? 0 : 1 }
        guard open != 0 else { return }
        for row in rows where !(bounds[row - rows.lowerBound] <= best.threshold) { best.offer(scored(row, queries, query)) }
    }

    private func scored(_ row: Int, _ queries: [Float], _ query: Int) -> ScoredRow {
        let score = rows.withUnsafeBufferPointer { rows in
            queries.withUnsafeBufferPointer { queries in
                Vector.dot(
                    rows.baseAddress.unsafelyUnwrapped + row * width, queries.baseAddress.unsafelyUnwrapped + query * width, count: width)
            }
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
