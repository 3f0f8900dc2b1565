import Basics
import Compute
import Demonstrations

/// A table from training frames to their action sequences: the nearest row by some key, and its sequence.
///
/// With a contrastive embedding as the key it is the Action Lookup Table of arXiv 2505.05787. Departures from the published
/// code, which are defects there: rows come from clean images; a sequence never crosses the end of its episode; the threshold
/// can be calibrated; an out-of-distribution query still returns its nearest sequence, with the flag set. Rows are the current
/// frames of the training windows, the same data the diffusion policy is trained on.
public final class ActionLookupTable: CountedPolicy {
    public var isStochastic: Bool { rule.answer == .sampled }
    public var remembersEpisode: Bool { rule.advance != nil || rule.locksEpisode }
    private let key: any ObservationKey
    public let rows: Rows
    private let rule: RetrievalRule
    /// Of unit vectors: the largest cosines.
    private let search: NearestRows?
    private let pool: WorkerPool
    /// Smallest similarity that counts as in distribution; nil for a table without a monitor.
    public let threshold: Double?

    /// What is stored: one row per training window.
    public struct Rows: Sendable {
        public let keys: [Float]  // [n, width of the key]
        public let frames: [FrameReference]  // [n], the windows' current frames
        public let actions: [[Float]]  // [n][T, A], raw units

        public init(keys: [Float], frames: [FrameReference], actions: [[Float]]) {
            precondition(
                frames.count == actions.count && !frames.isEmpty && keys.count % frames.count == 0,
                "\(frames.count) frames, \(actions.count) sequences, \(keys.count) values of keys")
            self.keys = keys
            self.frames = frames
            self.actions = actions
        }

        /// The clean observation at the current frame of each window.
        public init(_ key: any ObservationKey, set: DemonstrationSet, layout: WindowLayout, windows: [Window]) {
            self.init(
                keys: key.rows(of: windows, in: set, layout: layout), frames: windows.map(layout.currentFrame),
                actions: windows.map { layout.actions(of: $0, in: set) })
        }
    }

    public init(
        key: any ObservationKey, rows: Rows, rule: RetrievalRule = RetrievalRule(), threshold: Double? = nil, pool: WorkerPool
    ) {
        precondition(
            rows.keys.count == rows.frames.count * key.width,
            "\(rows.keys.count) values for \(rows.frames.count) rows of \(key.width)")
        precondition(rule.neighbours > 0, "\(rule.neighbours) neighbours")
        self.key = key
        self.rows = rows
        self.rule = rule
        self.threshold = threshold
        self.pool = pool
        search = key.isUnit && rule.isPlain ? NearestRows(rows.keys, width: key.width, pool: pool) : nil
    }

    public var rowCount: Int { rows.frames.count }
    /// Bytes of keys, what is derived from them for the search, and action sequences.
    public var tableBytes: Int {
        (rows.keys.count + rows.actions.reduce(0) { $0 + $1.count }) * MemoryLayout<Float>.stride + (search?.byteCount ?? 0)
    }
    public var memoryBytes: Int { key.memoryBytes + tableBytes }
    /// Multiplications and additions of one query.
    public var flops: Int { key.flops + 2 * rows.keys.count }
    public var cost: QueryCost {
        QueryCost(
            memoryBytes: memoryBytes, parameters: key.parameterCount, tableBytes: tableBytes, macs: flops / 2,
            inferenceSteps: 1)
    }

    /// The keys of observations, [observations, width].
    public func keys(of observations: [Observation]) -> [Float] { key.rows(of: observations) }

    /// Sample s of a plain table is the s-th best match, of equal ones the lower row; past the last row the best is repeated.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let queries = key.rows(of: observations)
        if let search {
            return search.nearest(toEach: queries, count: samples).map { best in
                (0..<samples).map { sample in
                    let hit = sample < best.count ? best[sample] : best[0]
                    return prediction(rows.actions[hit.row], hit.row, hit.score, best: best[0].score)
                }
            }
        }
        return pool.map(count: observations.count) { observation in
            let similarity = similarities(queries, observation)
            let order = rule.order(similarity, frames: rows.frames, recalled: observations[observation].episode?.recalled ?? [])
            let best = similarity.lazy.filter { !$0.isNaN }.max() ?? -.infinity
            return (0..<samples).map { sample in
                let (actions, row) = answer(order, similarity, sample: sample, seed: seeds[observation] / sample)
                return prediction(actions, row, similarity[row], best: best)
            }
        }
    }

    /// Cosine with every row, or the negative distance.
    private func similarities(_ queries: [Float], _ observation: Int) -> [Float] {
        rows.frames.indices.map { row in
            let distance = rowDistance(queries, observation, rows.keys, row, width: key.width)
            // Unit vectors d apart have the cosine 1 - d² / 2.
            return key.isUnit ? 1 - distance * distance / 2 : -distance
        }
    }

    private func answer(_ order: [Int], _ similarity: [Float], sample: Int, seed: Seed) -> (actions: [Float], row: Int) {
        let best = Array(order.prefix(rule.neighbours))
        switch rule.answer {
        case .nearest:
            let row = sample < order.count ? order[sample] : order[0]
            return (rows.actions[row], row)
        case .sampled:
            var source = RandomSource(seed / "match")
            let row = best[source.index(below: best.count)]
            return (rows.actions[row], row)
        case .softmaxMean:
            // Unit vectors of the cosine c lie sqrt(2 - 2 c) apart.
            let distances = best.map { key.isUnit ? max(0, 2 - 2 * similarity[$0]).squareRoot() : -similarity[$0] }
            var mean = [Double](repeating: 0, count: rows.actions[best[0]].count)
            for (weight, row) in zip(RetrievalRule.softmax(distances), best) {
                for (i, value) in rows.actions[row].enumerated() { mean[i] += weight * Double(value) }
            }
            return (mean.map(Float.init), best[0])
        }
    }

    private func prediction(_ actions: [Float], _ row: Int, _ score: Float, best: Float) -> Prediction {
        Prediction(
            actions: actions, match: Match(frame: rows.frames[row], similarity: Double(score)),
            // NaN is far from everything.
            isOutOfDistribution: threshold.map { !(Double(best) >= $0) })
    }
}
