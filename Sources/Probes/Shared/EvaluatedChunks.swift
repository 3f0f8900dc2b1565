import Basics

/// Generated chunks with everything the probes measure about them, computed once.
///
/// Rules where a denominator is 0: a chunk that equals a training chunk has d1 = 0, and then the ratio d1/d2 is 0 and
/// S is 1 whatever d2 and s(τ1, τ2) are. Otherwise d2 ≥ d1 > 0, and S is missing when τ1 and τ2 are equal.
public struct EvaluatedChunks: Sendable {
    public let generated: GeneratedChunks
    /// Nearest training chunks.
    public let toTrain: NearestChunks
    /// Nearest reference chunks; nil without a reference split.
    public let toReference: NearestChunks?
    /// Nearest training chunks of the true chunks; nil where there is no truth.
    public let truthToTrain: NearestChunks?
    /// Distance of each row to its true chunk.
    public let errorToTruth: [Float]?
    /// Distance of each row to the next sample at the same observation; empty where there is one sample.
    public let selfDistance: [(row: Int, distance: Float)]
    /// d1 / d2.
    public let ratio: [Double]
    /// The published score S = 1 - s(τ, τ1) / s(τ1, τ2) with this project's distance.
    public let score: [Double?]

    public var count: Int { generated.chunks.count }
    public var policy: PolicyID { generated.policy }
    public var condition: Condition { generated.condition }
    /// Number of independent units.
    public var units: Int { Set(generated.cluster).count }

    init(
        _ generated: GeneratedChunks, metric: ChunkMetric, train: ScaledChunks, reference: ScaledChunks?, pool: WorkerPool
    ) {
        let chunks = metric.scaled(generated.chunks)
        let toTrain = NearestChunks(of: chunks, in: train, pool: pool)
        let truth = generated.truth.map(metric.scaled)
        self.generated = generated
        self.toTrain = toTrain
        toReference = reference.map { NearestChunks(of: chunks, in: $0, pool: pool) }
        truthToTrain = truth.map { NearestChunks(of: $0, in: train, pool: pool) }
        errorToTruth = truth.map { truth in (0..<chunks.count).map { chunks.distance($0, to: $0, of: truth) } }
        selfDistance = Self.selfDistances(generated, chunks)
        ratio = zip(toTrain.distance, toTrain.secondDistance).map { $0 == 0 ? 0 : Double($0) / Double($1) }
        score = (0..<chunks.count).map { row in
            let first = Double(toTrain.distance[row])
            guard first > 0 else { return 1 }
            guard let second = toTrain.secondIndex[row] else { return nil }
            let between = Double(train.distance(toTrain.index[row], to: second, of: train))
            return between > 0 ? 1 - first / between : nil
        }
    }

    private static func selfDistances(
        _ generated: GeneratedChunks, _ chunks: ScaledChunks
    ) -> [(row: Int, distance: Float)] {
        let rows = Dictionary(grouping: 0..<chunks.count) { generated.observation[$0] }
        return rows.keys.sorted().flatMap { observation in
            let samples = (rows[observation] ?? []).sorted { generated.sample[$0] < generated.sample[$1] }
            return zip(samples, samples.dropFirst()).map { ($0, chunks.distance($0, to: $1, of: chunks)) }
        }
    }

    /// What the DCR share averages: 1 where the training set is nearer than the reference, 0.5 at a tie, 0 otherwise;
    /// empty without a reference.
    var closerToTrain: [Double] { Self.closer(toTrain.distance, toReference?.distance ?? []) }

    /// 1 where `first` is smaller than `second`, 0.5 at a tie, 0 otherwise.
    static func closer(_ first: [Float], _ second: [Float]) -> [Double] {
        zip(first, second).map { $0 < $1 ? 1 : $0 == $1 ? 0.5 : 0 }
    }
}

/// The true chunk behind each observation of a condition, by the observation's number.
struct ConditionTruth: Sendable {
    /// One row per observation, in the order of `observations`.
    let chunks: Chunks
    let observations: [Int]
    private let rows: [Int: Int]

    /// Nil where no policy was asked at observations of the condition that have true chunks.
    init?(_ condition: Condition, _ context: ProbeContext) {
        var parts: [Int: (chunks: Chunks, row: Int)] = [:]
        for evaluated in context.evaluated where evaluated.condition == condition {
            guard let truth = evaluated.generated.truth else { continue }
            for (row, observation) in evaluated.generated.observation.enumerated() where parts[observation] == nil {
                parts[observation] = (truth, row)
            }
        }
        let observations = parts.keys.sorted()
        guard !observations.isEmpty else { return nil }
        self.observations = observations
        let picked = observations.compactMap { parts[$0] }.map { $0.chunks.selecting([$0.row]) }
        chunks = Chunks(
            horizon: context.train.horizon, actionDimension: context.train.actionDimension,
            values: picked.flatMap(\.values), demonstration: picked.flatMap(\.demonstration),
            frame: picked.flatMap(\.frame), phase: picked.flatMap(\.phase))
        rows = Dictionary(uniqueKeysWithValues: observations.enumerated().map { ($1, $0) })
    }

    /// Row of `chunks`; nil for an observation without a true chunk.
    func row(_ observation: Int) -> Int? { rows[observation] }

    /// [H * D]
    func values(_ observation: Int) -> ArraySlice<Float>? {
        row(observation).map { chunks.values[$0 * chunks.width..<($0 + 1) * chunks.width] }
    }
}
