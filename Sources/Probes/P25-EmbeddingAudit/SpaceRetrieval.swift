import Basics

/// What nearest-neighbour retrieval in one space returns at training windows (from other demonstrations) or at held-out
/// observations, and how wrong its chunks are, over the median D12.
struct SpaceRetrieval: Sendable {
    let space: Space
    let condition: Condition
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

    private static let randomDraws = 8

    /// Leaves the window's own demonstration out.
    init?(train space: ObservationSpace, _ context: ProbeContext) {
        self.init(
            space, .train, asked: context.train, points: space.table, oracle: context.trainNeighbours, context)
    }

    /// Nil where the space has no points of held-out observations, or these have no true chunks.
    init?(heldout space: ObservationSpace, _ context: ProbeContext) {
        guard let truth = ConditionTruth(.heldout, context)?.chunks, let points = space.points(.heldout),
            points.count == truth.count
        else { return nil }
        let oracle = NearestChunks(of: context.metric.scaled(truth), in: context.scaledTrain, pool: context.pool)
        self.init(space, .heldout, asked: truth, points: points, oracle: oracle, context)
    }

    private init(
        _ space: ObservationSpace, _ condition: Condition, asked: Chunks, points: RowVectors, oracle: NearestChunks,
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
        self.space = space.space
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
}

/// Spearman's correlation of observation distance and action distance over pairs of training windows of different
/// demonstrations.
struct PairCorrelation: Sendable {
    let estimate: Estimate
    /// Pairs used.
    let pairs: Int

    private static let limit = 20_000

    init(_ space: ObservationSpace, _ context: ProbeContext) {
        let (train, table) = (context.scaledTrain, space.table)
        let all = train.count * (train.count - 1) / 2
        let count = min(Self.limit, all)
        // Pair number p of the lower triangle is (i, j) with i (i - 1) / 2 + j = p and j < i.
        var first = 1
        var chosen: [(Int, Int)] = []
        for place in 0..<count {
            let number = (2 * place + 1) * all / (2 * count)
            while first * (first + 1) / 2 <= number { first += 1 }
            let second = number - first * (first - 1) / 2
            if train.demonstration[first] != train.demonstration[second] { chosen.append((first, second)) }
        }
        let ranks = RankCorrelation(
            chosen.map { Double(table.rootMeanSquare($0.0, to: $0.1, of: table)) },
            chosen.map { Double(train.distance($0.0, to: $0.1, of: train)) })
        let demonstrations = context.train.demonstrations
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        let labels = train.demonstration.map { columns[$0] ?? 0 }
        let ends = chosen.map { (labels[$0.0], labels[$0.1]) }
        let bootstrap = context.bootstrap(
            units: demonstrations.count, seed: context.seed / "p25" / space.name / "pairs")
        estimate = bootstrap.estimate { weights in
            ranks.correlation(weights: ends.map { weights[$0.0] * weights[$0.1] })
        }
        pairs = chosen.count
    }
}
