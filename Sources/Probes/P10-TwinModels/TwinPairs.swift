import Basics

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
