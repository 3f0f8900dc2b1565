import Basics
import Foundation

/// f_mem(c) = P(d1/d2 < c) on a grid of c, with pointwise intervals over demonstrations.
struct MemorizationCurve: Sendable {
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

    func append(
        to table: inout Table, _ evaluated: EvaluatedChunks, heldout: MemorizationCurve, dimension: Double
    ) {
        for (place, c) in Self.grid.enumerated() {
            let own = estimates[place]
            let truth = heldout.estimates[place]
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), .number(c), Table.Cell(own.value),
                Table.Cell(own.low), Table.Cell(own.high), Table.Cell(truth.value), Table.Cell(truth.low),
                Table.Cell(truth.high), .number(pow(c, dimension)), .number(dimension),
            ])
        }
    }
}
