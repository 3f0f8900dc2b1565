import Basics

/// What nearest-neighbour retrieval in one space returns at training windows (from other demonstrations) or at held-out
/// observations, and how wrong its chunks are, over the median D12.
struct SpaceRetrieval: Sendable {
    let space: String
    let condition: String
    /// The windows or observations asked about.
    let asked: Chunks
    /// Row of the training chunks.
    let retrieved: [Int]  // [n]
    /// Euclidean, in the space.
    let distance: [Float]  // [n]
    let error: [Double]  // [n]
    /// Error of the best chunk there is to retrieve.
    let oracle: [Double]  // [n]
    /// Median error with its interval over demonstrations.
    let estimate: Estimate
    /// Median error of chunks drawn at random.
    let random: Double
    let units: Int

    var isTraining: Bool { condition == GeneratedChunks.Condition.train }
    /// Median of `oracle`.
    var best: Double { SortedSample(oracle).quantile(0.5) }

    private static let randomDraws = 8

    /// Leaves the window's own demonstration out.
    init?(train space: ObservationSpace, _ context: ProbeContext) {
        self.init(
            space, GeneratedChunks.Condition.train, asked: context.train, points: space.table,
            oracle: context.trainNeighbours, context)
    }

    /// Nil where the space has no points of held-out observations, or these have no true chunks.
    init?(heldout space: ObservationSpace, _ context: ProbeContext) {
        let condition = GeneratedChunks.Condition.heldout
        guard let truth = context.truth(condition), let points = space.points(condition), points.count == truth.count
        else { return nil }
        let oracle = NearestChunks(of: context.metric.scaled(truth), in: context.scaledTrain, pool: context.pool)
        self.init(space, condition, asked: truth, points: points, oracle: oracle, context)
    }

    private init(
        _ space: ObservationSpace, _ condition: String, asked: Chunks, points: RowVectors, oracle: NearestChunks,
        _ context: ProbeContext
    ) {
        let (train, table) = (context.scaledTrain, space.table)
        let truth = context.metric.scaled(asked)
        let labels = train.demonstration
        let seed = context.seed / "p25" / space.name / condition
        // Demonstrations of different splits never share a number, so this leaves out nothing at held-out observations.
        let found = context.pool.map(count: asked.count) { row in
            let squared = table.squaredDistances(to: row, of: points)
            let others = squared.indices.filter { labels[$0] != asked.demonstration[row] }
            let nearest = others.min { squared[$0] < squared[$1] } ?? 0
            var source = RandomSource(seed / row)
            let drawn = (0..<Self.randomDraws).map { _ in
                truth.distance(row, to: others[source.index(below: others.count)], of: train)
            }
            return (nearest: nearest, distance: squared[nearest].squareRoot(), drawn: drawn)
        }
        let scale = context.medianD12
        let error = found.indices.map { Double(truth.distance($0, to: found[$0].nearest, of: train)) / scale }
        let sample = SortedSample(error)
        let bootstrap = context.bootstrap(clusters: asked.demonstration, stream: seed)
        self.space = space.name
        self.condition = condition
        self.asked = asked
        retrieved = found.map(\.nearest)
        distance = found.map(\.distance)
        self.error = error
        self.oracle = oracle.distance.map { Double($0) / scale }
        estimate = bootstrap.estimate { sample.median(weights: $0) }
        random = SortedSample(found.flatMap(\.drawn).map { Double($0) / scale }).quantile(0.5)
        units = bootstrap.units
    }

    static let sampleColumns = [
        "space", "condition", "observation", "demonstration", "frame", "retrieved_demonstration", "retrieved_frame",
        "observation_distance", "error", "oracle",
    ]

    /// One row per window or observation, under `sampleColumns`.
    func append(to table: inout Table, _ context: ProbeContext) {
        for row in error.indices {
            table.append([
                .text(space), .text(condition), .integer(row), .integer(asked.demonstration[row]),
                .integer(asked.frame[row]), .integer(context.train.demonstration[retrieved[row]]),
                .integer(context.train.frame[retrieved[row]]), Table.Cell(distance[row]), .number(error[row]),
                .number(oracle[row]),
            ])
        }
    }
}
