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

/// The chunks of twins A (trained on T) and B (trained on R) at the same observations with the same noise, all
/// distances in the metric of A's study.
struct TwinPairs: Sendable {
    /// A's rows.
    let rows: [Int]
    /// A to B.
    let agreement: [Float]
    /// To the nearest chunk of the own training set: A to T, B to R.
    let own: (a: [Float], b: [Float])
    /// To the nearest chunk of the twin's: A to R, B to T.
    let other: (a: [Float], b: [Float])
    /// To the true chunk; nil where there is none.
    let error: (a: [Float], b: [Float])?
    /// The unit each pair belongs to.
    let cluster: [Int]

    /// Nil when the twins have no row in common, or there is no reference split.
    /// - Throws: `Failure` when they were asked about different observations.
    init?(_ first: EvaluatedChunks, _ twin: GeneratedChunks, _ context: ProbeContext) throws {
        let matched = try MatchedChunks(first.generated, twin, metric: context.metric)
        guard !matched.rows.isEmpty, let firstToReference = first.toReference, let reference = context.reference else {
            return nil
        }
        let second = EvaluatedChunks(
            twin, metric: context.metric, train: context.scaledTrain, reference: context.metric.scaled(reference),
            pool: context.pool)
        guard let secondToReference = second.toReference else { return nil }
        let rows = matched.rows
        self.rows = rows.map(\.first)
        agreement = matched.distance
        own = (
            rows.map { first.toTrain.distance[$0.first] }, rows.map { secondToReference.distance[$0.second] }
        )
        other = (
            rows.map { firstToReference.distance[$0.first] }, rows.map { second.toTrain.distance[$0.second] }
        )
        error = first.errorToTruth.flatMap { errors in
            second.errorToTruth.map { others in (rows.map { errors[$0.first] }, rows.map { others[$0.second] }) }
        }
        cluster = rows.map { first.generated.cluster[$0.first] }
    }

    /// For every pair the share of the twins nearer to their own training set than to each other. A tie is half, but
    /// twins that agree exactly count for agreement, whatever they are near to.
    var memory: [Double] {
        agreement.indices.map { pair in
            guard agreement[pair] > 0 else { return 0 }
            return [own.a[pair], own.b[pair]]
                .map { $0 < agreement[pair] ? 0.5 : $0 == agreement[pair] ? 0.25 : 0 }.reduce(0, +)
        }
    }
}
