import Basics
import Compute
import Demonstrations
import Foundation

/// The oracle of interpolation: the kernel-weighted mean of all training action sequences (Nadaraya-Watson),
/// Σ w_i a_i / Σ w_i with w_i = exp(-d_i² / 2 h²) on the observation distance.
///
/// The bandwidth h is `NeighbourSpacing`: the median distance of a training frame to the nearest one of another demonstration, so
/// that several demonstrations contribute everywhere.
public struct InterpolatorPolicy: Policy {
    public let isStochastic = false
    private let distance: any FrameDistance
    private let actions: [[Float]]  // [frame][T, A], raw units
    private let pool: WorkerPool
    public let bandwidth: Double

    public init(
        set: DemonstrationSet, layout: WindowLayout, windows: [Window],
        normalizer: Normalizer, pool: WorkerPool
    ) {
        self.init(
            ObservationDistance(set: set, frames: windows.map(layout.currentFrame), normalizer: normalizer),
            set: set, layout: layout, windows: windows, pool: pool)
    }

    /// The kernel policy: the same on the distances of an embedding that was trained.
    public init(
        embedding: ObservationEmbedding, set: DemonstrationSet, layout: WindowLayout,
        windows: [Window]
    ) {
        self.init(
            EmbeddingDistance(embedding, set: set, frames: windows.map(layout.currentFrame)), set: set,
            layout: layout, windows: windows, pool: embedding.pool)
    }

    private init(
        _ distance: any FrameDistance, set: DemonstrationSet, layout: WindowLayout, windows: [Window],
        pool: WorkerPool
    ) {
        self.distance = distance
        actions = windows.map { layout.actions(of: $0, in: set) }
        self.pool = pool
        let asked = NeighbourSpacing.asked(of: windows.count)
        let demonstration = windows.map(\.demonstration)
        let nearest = distance.map(asked.map { layout.observation(of: windows[$0], in: set) }, pool: pool) { index, distances in
            NeighbourSpacing.nearest(asked[index], demonstration: demonstration, distances: distances)
        }
        bandwidth = NeighbourSpacing.median(nearest) ?? 1
    }

    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        distance.map(observations, pool: pool) { _, distances in
            // Relative to the nearest frame, so that a far observation does not underflow.
            let nearest = distances.min() ?? 0
            let weights = distances.map { exp(-($0 * $0 - nearest * nearest) / (2 * bandwidth * bandwidth)) }
            let total = weights.reduce(0, +)
            var mean = [Double](repeating: 0, count: actions[0].count)
            for (weight, sequence) in zip(weights, actions) where weight > 0 {
                for i in mean.indices { mean[i] += weight / total * Double(sequence[i]) }
            }
            let prediction = Prediction(actions: mean.map(Float.init))
            return Array(repeating: prediction, count: samples)
        }
    }
}
