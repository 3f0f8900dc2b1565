import Basics
import Foundation

/// The scores of P03 that need only distances of a set of chunks to train and reference.
struct DistanceScores: Sendable {
    /// 1 where the training set is nearer than the reference, 0.5 at a tie, 0 otherwise; empty without a reference.
    let closer: [Double]
    /// D12 of each row's nearest training chunk.
    let spacing: [Float]
    /// Rows farther from their nearest training chunk than that is from any other demonstration.
    let isAuthentic: [Bool]
    let curve: MemorizationCurve
    private let estimates: Named<Score, Estimate>

    enum Score: CaseIterable, Sendable {
        /// DCR share.
        case share
        /// f_mem(1/3).
        case oneThird
        /// 1 - E[d1/d2].
        case area
        case authentic
    }

    subscript(score: Score) -> Estimate { estimates[score] }

    init(_ evaluated: EvaluatedChunks, _ context: ProbeContext) throws {
        let near = evaluated.toTrain
        let closer = evaluated.closerToTrain
        let spacing = near.index.map { context.trainNeighbours.distance[$0] }
        let isAuthentic = zip(near.distance, spacing).map { $0 > $1 }
        let ratio = evaluated.ratio
        let oneThird = ratio.map { $0 < 1.0 / 3 ? 1.0 : 0 }
        let authentic = isAuthentic.map { $0 ? 1.0 : 0 }
        let bootstrap = context.bootstrap(of: evaluated, "p03")
        let place = "\(evaluated.policy) \(evaluated.condition)"
        estimates = try context.kept("scores \(place)") {
            bootstrap.estimates { weights in
                [
                    Score.share: weightedMean(closer, weights), .oneThird: weightedMean(oneThird, weights),
                    .area: 1 - weightedMean(ratio, weights), .authentic: weightedMean(authentic, weights),
                ]
            }
        }
        self.closer = closer
        self.spacing = spacing
        self.isAuthentic = isAuthentic
        curve = try context.kept("curve \(place)") { MemorizationCurve(ratio, bootstrap: bootstrap) }
    }
}

/// f_mem(c) = P(d1/d2 < c) on a grid of c, with pointwise intervals over demonstrations.
struct MemorizationCurve: Sendable, Codable {
    static let grid = (1...50).map { Double($0) / 50 }

    /// One per grid point.
    let estimates: [Estimate]

    init(_ ratio: [Double], bootstrap: HierarchicalBootstrap) {
        // The first grid point a row counts for; rows at or above the last count for none.
        let first = ratio.map { value in Self.grid.firstIndex { value < $0 } }
        estimates = bootstrap.estimates { weights in
            var counts = [Double](repeating: 0, count: Self.grid.count)
            var total = 0.0
            for (place, weight) in zip(first, weights) {
                total += weight
                if let place { counts[place] += weight }
            }
            var below = 0.0
            return counts.map { count in
                below += count
                return below / total
            }
        }
    }

    func points(_ evaluated: EvaluatedChunks, heldout: MemorizationCurve, dimension: Double) -> [CurvePoint] {
        Self.grid.enumerated().map { place, c in
            CurvePoint(
                policy: evaluated.policy.name, condition: evaluated.condition, c: c, share: estimates[place],
                heldout: heldout.estimates[place], null: pow(c, dimension), dimension: dimension)
        }
    }
}

/// A row of `p03_curve`.
struct CurvePoint: ProbeTable {
    static let name = "p03_curve"
    var policy = ""
    var condition = Condition("")
    var c = 0.0
    var share = Estimate(value: nil), heldout = Estimate(value: nil)
    var null = 0.0, dimension = 0.0

    static var columns: [Column<CurvePoint>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("c", \.c), .interval("f_mem", \.share),
            .bounds("heldout", \.heldout), Column("null", \.null), Column("dimension", \.dimension),
        ]
    }
}
