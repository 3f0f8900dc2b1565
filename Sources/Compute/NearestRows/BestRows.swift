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
