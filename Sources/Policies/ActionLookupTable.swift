import Basics
import Compute
import Demonstrations

/// The explicit table of arXiv 2505.05787: contrastive image embedding, nearest training frame, its action sequence.
///
/// Departures from the published code, which are defects there: rows come from clean images; a sequence never
/// crosses the end of its episode; the threshold can be calibrated; an out-of-distribution query still returns its
/// nearest sequence, with the flag set. Rows are the current frames of the training windows, the same data the
/// diffusion policy is trained on.
public final class ActionLookupTable: Policy {
    public let name: String
    public let isStochastic = false
    private let embedding: ObservationEmbedding
    private let rows: [Float]  // [n, D], unit rows
    private let frames: [FrameReference]  // [n]
    private let actions: [[Float]]  // [n][T, A], raw units
    /// Smallest similarity that counts as in distribution.
    public let threshold: Double

    /// - Parameters:
    ///   - windows: the training windows; one row each
    ///   - threshold: fixed, or calibrated on the rows
    public init(
        name: String = "alt", embedding: ObservationEmbedding, set: DemonstrationSet, layout: WindowLayout,
        windows: [Window], threshold: SimilarityThreshold
    ) throws {
        self.name = name
        self.embedding = embedding
        frames = windows.map(layout.currentFrame)
        rows = embedding.embed(frames.map { frame in set.cameras.indices.map { set.image(frame, camera: $0) } })
        actions = windows.map { layout.actions(of: $0, in: set) }
        self.threshold = try threshold.value(
            rows: rows, width: embedding.dimension, demonstrations: frames.map(\.demonstration))
    }

    public var rowCount: Int { frames.count }
    /// Bytes of embeddings and action sequences.
    public var tableBytes: Int {
        (rows.count + actions.reduce(0) { $0 + $1.count }) * MemoryLayout<Float>.stride
    }
    /// Multiplications and additions of one query.
    public var flops: Int { embedding.flops + 2 * rows.count }
    /// The embeddings [n, D] and the frames they stand for.
    public var table: (rows: [Float], frames: [FrameReference]) { (rows, frames) }

    public func embed(_ observations: [Observation]) -> [Float] {
        embedding.embed(observations.map { $0.images[$0.images.count - 1] })
    }

    /// Sample s is the s-th best match; past the last row the best is repeated.
    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
        let queries = embed(observations), width = embedding.dimension
        return observations.indices.map { observation in
            let query = Array(queries[observation * width..<(observation + 1) * width])
            let best = nearest(to: query, count: samples)
            return (0..<samples).map { sample in
                let hit = sample < best.count ? best[sample] : best[0]
                return Prediction(
                    actions: actions[hit.row], match: Match(frame: frames[hit.row], similarity: hit.similarity),
                    isOutOfDistribution: best[0].similarity < threshold)
            }
        }
    }

    /// The rows of largest cosine with the unit vector `query`, best first; the lower row first among equals.
    func nearest(to query: [Float], count: Int) -> [(row: Int, similarity: Double)] {
        var scores = [Float](repeating: 0, count: frames.count)
        rows.withUnsafeBufferPointer { table in
            scores.withUnsafeMutableBufferPointer { target in
                guard let table = table.baseAddress, let target = target.baseAddress else { return }
                Matrix.scores(table, rows: frames.count, width: embedding.dimension, query: query, into: target)
            }
        }
        var best: [(row: Int, similarity: Double)] = []
        for (row, score) in scores.enumerated() {
            let similarity = Double(score)
            if best.count == count, let last = best.last, similarity <= last.similarity { continue }
            let place = best.firstIndex { similarity > $0.similarity } ?? best.count
            best.insert((row, similarity), at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
