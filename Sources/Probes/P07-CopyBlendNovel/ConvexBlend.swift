import Basics
import Foundation

/// The closest point of the convex hull of a few candidates to a target: weights w ≥ 0, Σ w = 1 minimising
/// ‖Σ w_i c_i - target‖².
///
/// Pairwise Frank-Wolfe steps with exact line search (Lacoste-Julien and Jaggi 2015), until the duality gap is under
/// 1e-6 of the objective's scale. Candidates that depend on each other affinely leave the weights, not the closest
/// point, ambiguous; then what the steps reach from the nearest candidate is reported.
struct ConvexBlend: Sendable {
    let weights: [Double]
    /// Root mean square over the entries of closest point - target.
    let residual: Double

    /// The weight of the most used candidate.
    var largestWeight: Double { weights.max() ?? 1 }
    /// exp(entropy of the weights).
    var effectiveNumber: Double { exp(Concentration.entropy(weights)) }

    /// - Precondition: at least one candidate, all as wide as the target.
    init(candidates: [[Double]], target: [Double]) {
        precondition(
            !candidates.isEmpty && candidates.allSatisfy { $0.count == target.count },
            "\(candidates.count) candidates of widths \(candidates.map(\.count)) for a target of \(target.count)")
        let offsets = candidates.map { zip($0, target).map { $0 - $1 } }
        let gram = offsets.map { first in offsets.map { second in zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } } }
        let indices = candidates.indices
        let start = indices.min { gram[$0][$0] < gram[$1][$1] } ?? 0
        var weights = indices.map { $0 == start ? 1.0 : 0 }
        var gradient = gram[start]
        let tolerance = 1e-6 * (gram.map { $0.max() ?? 0 }.max() ?? 0)
        for _ in 0..<100_000 {
            let into = indices.min { gradient[$0] < gradient[$1] } ?? 0
            let from = indices.filter { weights[$0] > 0 }.max { gradient[$0] < gradient[$1] } ?? 0
            let gap = gradient[from] - gradient[into]
            let curvature = gram[into][into] + gram[from][from] - 2 * gram[into][from]
            guard gap > tolerance, curvature > 0 else { break }
            let step = min(weights[from], gap / curvature)
            weights[into] += step
            weights[from] -= step
            for index in indices { gradient[index] += step * (gram[index][into] - gram[index][from]) }
        }
        self.weights = weights
        var closest = [Double](repeating: 0, count: target.count)
        for (weight, offset) in zip(weights, offsets) where weight > 0 {
            for column in closest.indices { closest[column] += weight * offset[column] }
        }
        residual = (closest.reduce(0) { $0 + $1 * $1 } / Double(max(target.count, 1))).squareRoot()
    }

    /// The blend of every row from the nearest chunk of each of its `count` nearest demonstrations.
    static func all(
        _ chunks: ScaledChunks, near: NearestChunks, in train: ScaledChunks, count: Int, pool: WorkerPool
    ) -> [ConvexBlend] {
        let columns = near.demonstrations.count
        return pool.map(count: chunks.count) { row in
            let places = (row * columns..<(row + 1) * columns).sorted {
                (near.byDemonstration[$0], $0) < (near.byDemonstration[$1], $1)
            }
            return ConvexBlend(
                candidates: places.prefix(count).map { train.vectors.row(near.indexByDemonstration[$0]) },
                target: chunks.vectors.row(row))
        }
    }
}
