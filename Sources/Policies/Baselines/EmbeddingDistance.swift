import Basics
import Compute
import Demonstrations

/// Euclidean distance between unit vectors of a trained embedding, at the last observation step.
struct EmbeddingDistance: FrameDistance {
    private let embedding: ObservationEmbedding
    private let rows: [Float]  // [frames, D]
    private let count: Int

    init(_ embedding: ObservationEmbedding, set: DemonstrationSet, frames: [FrameReference]) {
        self.embedding = embedding
        rows = embedding.embed(frames.map { frame in set.cameras.indices.map { set.image(frame, camera: $0) } })
        count = frames.count
    }

    func callAsFunction(_ observations: [Observation], pool: WorkerPool) -> [[Double]] {
        let queries = embedding.embed(observations.map { $0.images[$0.images.count - 1] })
        let width = embedding.dimension
        return observations.indices.map { row in
            (0..<count).map { frame in
                var squared = 0.0
                for i in 0..<width {
                    let difference = Double(queries[row * width + i] - rows[frame * width + i])
                    squared += difference * difference
                }
                return squared.squareRoot()
            }
        }
    }
}
