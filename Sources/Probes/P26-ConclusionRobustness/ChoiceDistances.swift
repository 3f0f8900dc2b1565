import Basics

/// One way to measure how far apart two action sequences are.
enum DistanceChoice: String, CaseIterable, Sendable {
    /// `ChunkMetric` as everywhere else.
    case standard
    /// Every action dimension over its standard deviation, without the floor.
    case zScore = "z_score"
    /// The policy's normalised units.
    case unscaled
    /// The first three action dimensions (all where there are fewer).
    case position
    /// Differences between successive steps, in units of `ChunkMetric`.
    case velocity
    /// Dynamic time warping in units of `ChunkMetric`, on the first sample of each observation.
    case warped = "dtw"

    /// The distances of what was generated to train and reference; nil where sequences have no differences.
    /// - Throws: `Failure` when the scale cannot be fitted.
    func distances(_ evaluated: EvaluatedChunks, _ context: ProbeContext) throws -> ChoiceDistances? {
        switch self {
        case .standard: return ChoiceDistances(evaluated)
        case .zScore: return try euclidean(evaluated, ChunkMetric.fit(context.train, floor: 1e-6), context) { $0 }
        case .unscaled:
            let scale = [Float](repeating: 1, count: context.train.actionDimension)
            return euclidean(evaluated, ChunkMetric(scale: scale), context) { $0 }
        case .position:
            let kept = min(3, context.train.actionDimension)
            return euclidean(evaluated, ChunkMetric(scale: Array(context.metric.scale.prefix(kept))), context) {
                $0.keepingActions(kept)
            }
        case .velocity:
            guard context.train.horizon > 1 else { return nil }
            return euclidean(evaluated, context.metric, context) { $0.differences }
        case .warped: return ChoiceDistances(warped: evaluated.generated, context)
        }
    }

    private func euclidean(
        _ evaluated: EvaluatedChunks, _ metric: ChunkMetric, _ context: ProbeContext, _ prepare: (Chunks) -> Chunks
    ) -> ChoiceDistances? {
        let own = evaluated.generated
        let prepared = GeneratedChunks(
            policy: own.policy, condition: own.condition, chunks: prepare(own.chunks), observation: own.observation,
            sample: own.sample, truth: own.truth.map(prepare), cluster: own.cluster, unit: own.unit)
        return ChoiceDistances(
            EvaluatedChunks(
                prepared, metric: metric, train: metric.scaled(prepare(context.train)),
                reference: context.reference.map { metric.scaled(prepare($0)) }, pool: context.pool))
    }
}

/// Distances under one `DistanceChoice`, one row per generated chunk.
struct ChoiceDistances: Sendable {
    /// d1.
    var train: [Float]
    /// d2.
    var second: [Float]
    var reference: [Float]
    /// The true chunk to train; nil where there is none.
    var truth: [Float]?
    var observation: [Int]
    var cluster: [Int]

    init(_ evaluated: EvaluatedChunks) {
        train = evaluated.toTrain.distance
        second = evaluated.toTrain.secondDistance
        reference = evaluated.toReference?.distance ?? []
        truth = evaluated.truthToTrain?.distance
        observation = evaluated.generated.observation
        cluster = evaluated.generated.cluster
    }

    /// Dynamic time warping on the first sample of each observation.
    init?(warped generated: GeneratedChunks, _ context: ProbeContext) {
        guard let reference = context.reference, let first = generated.sample.min() else { return nil }
        let rows = generated.sample.indices.filter { generated.sample[$0] == first }
        let metric = context.metric
        let own = WarpedSequences(generated.chunks.selecting(rows), metric: metric)
        let trained = WarpedSequences(context.train, metric: metric)
        let unseen = WarpedSequences(reference, metric: metric)
        let nearest = context.pool.map(count: rows.count) { row in
            Self.twoNearest(trained.distances(to: row, of: own), trained.demonstration)
        }
        train = nearest.map(\.first)
        second = nearest.map(\.second)
        self.reference = context.pool.map(count: rows.count) { row in
            unseen.distances(to: row, of: own).min() ?? .infinity
        }
        truth = generated.truth.map { truth in
            let asked = WarpedSequences(truth.selecting(rows), metric: metric)
            return context.pool.map(count: rows.count) { row in
                trained.distances(to: row, of: asked).min() ?? .infinity
            }
        }
        observation = rows.map { generated.observation[$0] }
        cluster = rows.map { generated.cluster[$0] }
    }

    /// The nearest of all, and the nearest of another demonstration.
    private static func twoNearest(_ distances: [Float], _ demonstration: [Int]) -> (first: Float, second: Float) {
        var nearest = 0
        for index in distances.indices where distances[index] < distances[nearest] { nearest = index }
        let others = distances.indices.filter { demonstration[$0] != demonstration[nearest] }.map { distances[$0] }
        return (distances[nearest], others.min() ?? .infinity)
    }

    /// The rows of several generations after one another.
    static func pooled(_ parts: [ChoiceDistances]) -> ChoiceDistances {
        precondition(!parts.isEmpty, "nothing to pool")
        var result = parts[0]
        for part in parts.dropFirst() {
            result.train += part.train
            result.second += part.second
            result.reference += part.reference
            result.truth = result.truth.flatMap { truth in part.truth.map { truth + $0 } }
            result.observation += part.observation
            result.cluster += part.cluster
        }
        return result
    }
}

extension Chunks {
    /// The first action dimensions of every step.
    fileprivate func keepingActions(_ kept: Int) -> Chunks {
        Chunks(
            horizon: horizon, actionDimension: kept,
            values: values.enumerated().filter { $0.offset % actionDimension < kept }.map(\.element),
            demonstration: demonstration, frame: frame, phase: phase)
    }

    /// What each step adds to the one before; one step fewer.
    fileprivate var differences: Chunks {
        let steps = (horizon - 1) * actionDimension
        return Chunks(
            horizon: horizon - 1, actionDimension: actionDimension,
            values: (0..<count * steps).map { place in
                let start = place / steps * width + place % steps
                return values[start + actionDimension] - values[start]
            }, demonstration: demonstration, frame: frame, phase: phase)
    }
}
