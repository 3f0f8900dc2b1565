import Basics

/// For every query chunk, how near each demonstration of a table comes, and so the two nearest demonstrations.
///
/// d1 is the nearest chunk at row i1; d2 is the nearest chunk of ANOTHER demonstration than i1's, because chunks are
/// overlapping windows and i1 ± 1 is always a trivial second neighbour. Ties go to the lower row.
public struct NearestChunks: Sendable {
    /// The table's demonstrations, sorted: the columns of `byDemonstration`.
    public let demonstrations: [Int]  // [M]
    /// Distance to the nearest chunk of each demonstration; infinity where it was excluded.
    public let byDemonstration: [Float]  // [n, M]
    /// That nearest chunk, a row of the table; without meaning where the demonstration was excluded.
    public let indexByDemonstration: [Int]  // [n, M]
    /// d1.
    public let distance: [Float]  // [n]
    /// i1, a row of the table.
    public let index: [Int]  // [n]
    /// d2; infinity when no second demonstration was admitted.
    public let secondDistance: [Float]  // [n]
    /// i2, a row of the table; nil when no second demonstration was admitted.
    public let secondIndex: [Int?]  // [n]
    /// e(i1): the demonstration each query recalls.
    public let recalledDemonstration: [Int]  // [n]

    public var count: Int { distance.count }

    /// - Parameter excludingOwnDemonstration: leave out the table's chunks of the query's own demonstration, as D12
    ///   and the intrinsic dimension need.
    public init(
        of queries: ScaledChunks, in table: ScaledChunks, excludingOwnDemonstration: Bool = false, pool: WorkerPool
    ) {
        let demonstrations = Set(table.demonstration).sorted()
        precondition(
            demonstrations.count > (excludingOwnDemonstration ? 1 : 0),
            "\(demonstrations.count) demonstrations are too few for a nearest chunk")
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let labels = table.demonstration.compactMap { columns[$0] }
        let rows = pool.map(count: queries.count) { row in
            Row(
                squared: table.vectors.squaredDistances(to: row, of: queries.vectors), labels: labels,
                width: table.vectors.width, demonstrations: demonstrations.count,
                excluded: excludingOwnDemonstration ? columns[queries.demonstration[row]] : nil)
        }
        self.demonstrations = demonstrations
        byDemonstration = rows.flatMap(\.distances)
        indexByDemonstration = rows.flatMap(\.indices)
        distance = rows.map { $0.distances[$0.first] }
        index = rows.map { $0.indices[$0.first] }
        secondDistance = rows.map { row in row.second.map { row.distances[$0] } ?? .infinity }
        secondIndex = rows.map { row in row.second.map { row.indices[$0] } }
        recalledDemonstration = rows.map { demonstrations[$0.first] }
    }

    /// One query: the minimum over each demonstration's chunks, and the two demonstrations that come nearest.
    private struct Row: Sendable {
        var distances: [Float]  // [M]
        var indices: [Int]  // [M]
        var first: Int
        var second: Int?

        init(squared: [Float], labels: [Int], width: Int, demonstrations: Int, excluded: Int?) {
            distances = [Float](repeating: .infinity, count: demonstrations)
            indices = [Int](repeating: 0, count: demonstrations)
            for index in squared.indices where squared[index] < distances[labels[index]] {
                distances[labels[index]] = squared[index]
                indices[labels[index]] = index
            }
            if let excluded { distances[excluded] = .infinity }
            for column in distances.indices { distances[column] = (distances[column] / Float(width)).squareRoot() }
            first = excluded == 0 ? 1 : 0
            for column in distances.indices
            where distances[column] < distances[first]
                || (distances[column] == distances[first] && indices[column] < indices[first] && column != excluded)
            {
                first = column
            }
            second = nil
            for column in distances.indices where column != first && column != excluded {
                if let best = second {
                    let nearer = distances[column] < distances[best]
                    let tied = distances[column] == distances[best] && indices[column] < indices[best]
                    if nearer || tied { second = column }
                } else {
                    second = column
                }
            }
        }
    }
}

/// Medians over rows of d1, d2, d1/d2 and S, with intervals over demonstrations. Rows without an S are left out of its
/// median.
struct NeighbourMedians: Sendable {
    enum Median: CaseIterable, Sendable { case distance, secondDistance, ratio, score }
    private let estimates: Named<Median, Estimate>

    init(_ evaluated: EvaluatedChunks, bootstrap: HierarchicalBootstrap) {
        let first = SortedSample(evaluated.toTrain.distance.map(Double.init))
        let second = SortedSample(evaluated.toTrain.secondDistance.map(Double.init))
        let ratios = SortedSample(evaluated.ratio)
        let scored = evaluated.score.indices.filter { evaluated.score[$0] != nil }
        let scores = SortedSample(scored.compactMap { evaluated.score[$0] })
        estimates = bootstrap.estimates { weights in
            [
                Median.distance: first.median(weights: weights), .secondDistance: second.median(weights: weights),
                .ratio: ratios.median(weights: weights), .score: scores.median(weights: scored.map { weights[$0] }),
            ]
        }
    }

    subscript(median: Median) -> Estimate { estimates[median] }
}
