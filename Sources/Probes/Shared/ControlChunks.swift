import Basics

/// The rungs of the `ControlLadder` that are made from the true chunks rather than by a policy.
struct ControlChunks {
    let all: [(control: String, chunks: Chunks)]

    /// Noise of the `jitter` rung, RMS in units of the median D12.
    static let jitter = 0.25
    /// Observations averaged by the `knn_mean` rung.
    static let neighbours = 5

    init(_ context: ProbeContext) {
        var all = [("jitter", Self.jittered(context))]
        if let query = context.query {
            if let space = context.space, let asked = space.points(.heldout), let truth = ConditionTruth(.heldout, context) {
                all.append(("knn_mean", Self.neighbourMeans(context.train, space.table, truth.chunks, asked)))
            }
            if let means = Self.phaseMeans(context.train, query) { all.append(("phase_mean", means)) }
        }
        all.append(("mean", Self.mean(context.train)))
        self.all = all
    }

    static func jittered(_ context: ProbeContext) -> Chunks {
        let train = context.train
        var source = RandomSource(context.seed / "ladder" / "jitter")
        let deviation = jitter * context.medianD12
        let values = train.values.enumerated().map { index, value in
            value + Float(deviation * source.normal()) * context.metric.scale[index % train.actionDimension]
        }
        return train.replacingValues(values)
    }

    private static func neighbourMeans(
        _ train: Chunks, _ table: RowVectors, _ query: Chunks, _ queries: RowVectors
    ) -> Chunks {
        query.replacingValues(
            (0..<query.count).flatMap { row in
                let squared = table.squaredDistances(to: row, of: queries)
                let nearest = squared.indices.sorted { squared[$0] < squared[$1] }.prefix(neighbours)
                return train.meanValues(of: Array(nearest))
            })
    }

    /// Nil when train and query have no phase in common.
    private static func phaseMeans(_ train: Chunks, _ query: Chunks) -> Chunks? {
        let means = Dictionary(grouping: 0..<train.count) { train.phase[$0] }.mapValues(train.meanValues)
        let known = (0..<query.count).filter { means[query.phase[$0]] != nil }
        guard !known.isEmpty else { return nil }
        let asked = query.selecting(known)
        return asked.replacingValues(asked.phase.flatMap { means[$0] ?? [] })
    }

    static func mean(_ train: Chunks) -> Chunks {
        Chunks(
            horizon: train.horizon, actionDimension: train.actionDimension,
            values: train.meanValues(of: Array(0..<train.count)), demonstration: [0], frame: [0])
    }
}
