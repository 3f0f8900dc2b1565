import Basics
import Foundation

/// Density around the true chunk and memory of the generated one, row by row, for P20.
struct CoverageScores: Sendable {
    let density: [Double]  // [n]
    let memory: [Double]  // [n]
    /// Nil without a reference split.
    let closer: [Double]?  // [n]
    let correlation: Estimate
    let meanMemory: Estimate
    private let evaluated: EvaluatedChunks
    private let context: ProbeContext
    private let bootstrap: HierarchicalBootstrap

    private static let neighbour = 5
    private static let draws = 999

    /// Nil where there are no true chunks.
    init?(_ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        guard let truth = evaluated.truthToTrain else { return nil }
        let width = truth.demonstrations.count
        let density = (0..<evaluated.count).map { row in
            let sorted = truth.byDemonstration[row * width..<(row + 1) * width].sorted()
            return -log(Double(sorted[min(Self.neighbour, width) - 1]))
        }
        let memory = evaluated.ratio.map { 1 - $0 }
        let bootstrap = evaluated.bootstrap("p20", in: context)
        let ranks = RankCorrelation(density, memory)
        let estimates = bootstrap.estimates { weights in
            [ranks.correlation(weights: weights), weightedMean(memory, weights)]
        }
        self.density = density
        self.memory = memory
        closer = evaluated.toReference.map { reference in
            zip(evaluated.toTrain.distance, reference.distance).map { $0 < $1 ? 1 : $0 == $1 ? 0.5 : 0 }
        }
        correlation = estimates[0]
        meanMemory = estimates[1]
        self.evaluated = evaluated
        self.context = context
        self.bootstrap = bootstrap
    }

    /// Two-sided p of the correlation when whole demonstrations exchange their memory; nil where it is undefined.
    func permutationP() -> Double? {
        guard let value = correlation.value else { return nil }
        let labels = LabelPermutation(demonstration: evaluated.generated.cluster)
        return PermutationTest.pValue(
            observed: -abs(value), draws: Self.draws,
            seed: context.seed / "p20" / "permutation" / evaluated.policy, pool: context.pool
        ) { source in
            let rows = labels.rows(&source)
            return -abs(Spearman.correlation(density, rows.map { memory[$0] }))
        }
    }

    static let binColumns = [
        "policy", "condition", "quartile", "density_low", "density_high", "memory", "ci_low", "ci_high", "closer",
        "closer_low", "closer_high", "memory_heldout", "rows",
    ]

    /// One row per quartile of density, under `binColumns`.
    func bins(control: CoverageScores?) -> [[Table.Cell]] {
        let sample = SortedSample(density)
        let bounds = [0, 0.25, 0.5, 0.75, 1].map(sample.quantile)
        let quartiles = density.map { Self.quartile($0, bounds) }
        let masks = (0..<4).map { bin in quartiles.map { $0 == bin ? 1.0 : 0 } }
        let (memory, closer) = (memory, closer)
        let estimates = bootstrap.estimates { weights in
            masks.flatMap { mask in
                let inside = zip(mask, weights).map { $0 * $1 }
                return [weightedMean(memory, inside), closer.map { weightedMean($0, inside) } ?? .nan]
            }
        }
        return (0..<4).map { bin in
            let (own, near) = (estimates[2 * bin], estimates[2 * bin + 1])
            let truth = control.map { control in
                control.density.indices.filter { Self.quartile(control.density[$0], bounds) == bin }.map {
                    control.memory[$0]
                }
            }
            return [
                .text(evaluated.policy), .text(evaluated.condition), .integer(bin + 1), .number(bounds[bin]),
                .number(bounds[bin + 1]), Table.Cell(own.value), Table.Cell(own.low), Table.Cell(own.high),
                Table.Cell(near.value), Table.Cell(near.low), Table.Cell(near.high),
                Table.Cell(truth.map { $0.reduce(0, +) / Double($0.count) }), .integer(quartiles.count { $0 == bin }),
            ]
        }
    }

    private static func quartile(_ density: Double, _ bounds: [Double]) -> Int {
        bounds[1...3].count { density > $0 }
    }
}
