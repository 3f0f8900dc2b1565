import Basics
import Compute
import Demonstrations
import Foundation

/// How far observations are from each training frame.
protocol FrameDistance: Sendable {
    /// What `body` makes of each observation's number and its distances to every frame. No more rows of distances are kept
    /// than there are workers: all of them together would be as many as observations times frames.
    func map<Element: Sendable>(
        _ observations: [Observation], pool: WorkerPool, _ body: @Sendable (Int, [Double]) -> Element
    ) -> [Element]
}

/// How far an observation is from each training frame: root mean square over the raw pixels of all cameras at the
/// last step, in units of the full 8-bit range, optionally with the normalised low-dim values beside it.
///
/// A fixed key that no training has shaped: what a lookup by appearance alone would use.
struct ObservationDistance: FrameDistance {
    let set: DemonstrationSet
    let frames: [FrameReference]
    /// Nil for pixels alone.
    let normalizer: Normalizer?

    /// Distances [frames] of one observation.
    func callAsFunction(_ observation: Observation) -> [Double] {
        let last = observation.images.count - 1
        let lowDim = normalizer.map { $0.normalizeLowDim(observation.lowDim[last]) } ?? []
        let pixelCount = set.cameras.reduce(0) { $0 + $1.height * $1.width * 3 }
        return frames.map { frame in
            var total = 0.0
            if pixelCount > 0 {
                var squares = 0
                for camera in set.cameras.indices {
                    squares += set.withPixels(frame, camera: camera) { stored in
                        observation.images[last][camera].pixels.withUnsafeBufferPointer { Self.squaredDifference($0, stored) }
                    }
                }
                total += Double(squares) / Double(pixelCount) / (255 * 255)
            }
            if let normalizer, !lowDim.isEmpty {
                let stored = normalizer.normalizeLowDim(Array(set.lowDim(frame)))
                let squares = zip(lowDim, stored).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
                total += squares / Double(lowDim.count)
            }
            return total.squareRoot()
        }
    }

    func map<Element: Sendable>(
        _ observations: [Observation], pool: WorkerPool, _ body: @Sendable (Int, [Double]) -> Element
    ) -> [Element] {
        pool.map(count: observations.count) { body($0, self(observations[$0])) }
    }

    private static func squaredDifference(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        precondition(a.count == b.count, "images of \(a.count) and \(b.count) bytes")
        var sum = 0
        // Blocks keep the inner sum in 32 bits, which vectorises twice as wide.
        for start in stride(from: 0, to: a.count, by: 16_384) {
            var part: Int32 = 0
            for i in start..<min(start + 16_384, a.count) {
                let difference = Int32(a[i]) &- Int32(b[i])
                part &+= difference &* difference
            }
            sum += Int(part)
        }
        return sum
    }
}

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

    func map<Element: Sendable>(
        _ observations: [Observation], pool: WorkerPool, _ body: @Sendable (Int, [Double]) -> Element
    ) -> [Element] {
        let queries = embedding.embed(observations.map { $0.images[$0.images.count - 1] })
        let width = embedding.dimension
        return pool.map(count: observations.count) { row in
            let distances = (0..<count).map { frame in
                var squared = 0.0
                for i in 0..<width {
                    let difference = Double(queries[row * width + i] - rows[frame * width + i])
                    squared += difference * difference
                }
                return squared.squareRoot()
            }
            return body(row, distances)
        }
    }
}
