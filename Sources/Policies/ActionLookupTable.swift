import Basics
import Compute
import Demonstrations

/// The explicit table of arXiv 2505.05787: contrastive image embedding, nearest training frame, its action sequence.
///
/// Departures from the published code, which are defects there: rows come from clean images; a sequence never
/// crosses the end of its episode; the threshold can be calibrated; an out-of-distribution query still returns its
/// nearest sequence, with the flag set. Rows are the current frames of the training windows, the same data the
/// diffusion policy is trained on.
public final class ActionLookupTable: CountedPolicy {
    public let isStochastic = false
    private let embedding: ObservationEmbedding
    public let rows: Rows
    /// Of unit vectors: the largest cosines.
    private let search: NearestRows
    /// Smallest similarity that counts as in distribution.
    public let threshold: Double

    /// What is stored: one row per training window.
    public struct Rows: Sendable {
        public let embeddings: [Float]  // [n, D], unit rows
        public let frames: [FrameReference]  // [n], the windows' current frames
        public let actions: [[Float]]  // [n][T, A], raw units

        public init(embeddings: [Float], frames: [FrameReference], actions: [[Float]]) {
            precondition(
                frames.count == actions.count && !frames.isEmpty && embeddings.count % frames.count == 0,
                "\(frames.count) frames, \(actions.count) sequences, \(embeddings.count) embedding values")
            self.embeddings = embeddings
            self.frames = frames
            self.actions = actions
        }

        /// Embeds the clean current frame of each window.
        public init(_ embedding: ObservationEmbedding, set: DemonstrationSet, layout: WindowLayout, windows: [Window]) {
            let frames = windows.map(layout.currentFrame)
            self.init(
                embeddings: embedding.embed(frames.map { frame in set.cameras.indices.map { set.image(frame, camera: $0) } }),
                frames: frames, actions: windows.map { layout.actions(of: $0, in: set) })
        }
    }

    public init(embedding: ObservationEmbedding, rows: Rows, threshold: Double) {
        precondition(
            rows.embeddings.count == rows.frames.count * embedding.dimension,
            "\(rows.embeddings.count) values for \(rows.frames.count) rows of \(embedding.dimension)")
        self.embedding = embedding
        self.rows = rows
        self.threshold = threshold
        search = NearestRows(rows.embeddings, width: embedding.dimension, pool: embedding.pool)
    }

    public var rowCount: Int { rows.frames.count }
    /// Bytes of embeddings, what is derived from them for the search, and action sequences.
    public var tableBytes: Int {
        (rows.embeddings.count + rows.actions.reduce(0) { $0 + $1.count }) * MemoryLayout<Float>.stride + search.byteCount
    }
    /// Bytes a query works with: the encoder's and the table's.
    public var memoryBytes: Int { embedding.memoryBytes + tableBytes }
    /// Multiplications and additions of one query.
    public var flops: Int { embedding.flops + 2 * rows.embeddings.count }
    public var cost: QueryCost {
        QueryCost(
            memoryBytes: memoryBytes, parameters: embedding.parameterCount, tableBytes: tableBytes, macs: flops / 2,
            inferenceSteps: 1)
    }

    public func embed(_ observations: [Observation]) -> [Float] {
        embedding.embed(observations.map { $0.images[$0.images.count - 1] })
    }

    /// Sample s is the s-th best match, of equal ones the lower row; past the last row the best is repeated.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let queries = embed(observations), width = embedding.dimension
        return observations.indices.map { observation in
            let query = Array(queries[observation * width..<(observation + 1) * width])
            let best = search.nearest(to: query, count: samples)
            return (0..<samples).map { sample in
                let hit = sample < best.count ? best[sample] : best[0]
                return Prediction(
                    actions: rows.actions[hit.row],
                    match: Match(frame: rows.frames[hit.row], similarity: Double(hit.score)),
                    // NaN is far from everything.
                    isOutOfDistribution: !(Double(best[0].score) >= threshold))
            }
        }
    }
}
