import Basics

/// Rows of two generations that answer the same observation with the same sample number, and so the same noise.
struct MatchedChunks: Sendable {
    /// Rows of the first and of the second.
    let rows: [(first: Int, second: Int)]
    /// Between the two chunks.
    let distance: [Float]

    /// - Throws: `Failure` when an observation of one number is another frame in the other generation.
    init(_ first: GeneratedChunks, _ second: GeneratedChunks, metric: ChunkMetric) throws {
        struct Key: Hashable {
            let observation: Int
            let sample: Int
        }
        var places: [Key: Int] = [:]
        for row in 0..<second.chunks.count {
            places[Key(observation: second.observation[row], sample: second.sample[row])] = row
        }
        let rows = (0..<first.chunks.count).compactMap { row in
            places[Key(observation: first.observation[row], sample: first.sample[row])].map { (first: row, second: $0) }
        }
        for (row, other) in rows {
            let asked = (first.chunks.demonstration[row], first.chunks.frame[row])
            let found = (second.chunks.demonstration[other], second.chunks.frame[other])
            guard asked == found else {
                throw Failure(
                    .data, "two policies to be compared were asked about different observations",
                    at: "\(first.location), row \(row), and \(second.location), row \(other)",
                    expected: "demonstration \(asked.0), frame \(asked.1)",
                    found: "demonstration \(found.0), frame \(found.1)",
                    remedy: "ask both at the same observations in the same order")
            }
        }
        let scaled = metric.scaled(first.chunks)
        let others = metric.scaled(second.chunks)
        self.rows = rows
        distance = rows.map { scaled.distance($0.first, to: $0.second, of: others) }
    }
}
