import Basics
import Foundation

/// Density around the true chunk and memory of the generated one, row by row, for P20.
struct CoverageScores: Sendable {
    enum Score: CaseIterable, Sendable {
        /// Of density and memory.
        case correlation
        /// The mean.
        case memory
    }

    let evaluated: EvaluatedChunks
    let density: [Double]  // [n]
    let memory: [Double]  // [n]
    /// Nil without a reference split.
    let closer: [Double]?  // [n]
    private let estimates: Named<Score, Estimate>
    private let bootstrap: HierarchicalBootstrap
    private let permutations: Seed
    private let pool: WorkerPool

    private static let neighbour = 5
    private static let draws = 999

    subscript(score: Score) -> Estimate { estimates[score] }

    /// Nil where there are no true chunks.
    init?(_ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        guard let truth = evaluated.truthToTrain else { return nil }
        let width = truth.demonstrations.count
        let density = (0..<evaluated.count).map { row in
            let sorted = truth.byDemonstration[row * width..<(row + 1) * width].sorted()
            return -log(Double(sorted[min(Self.neighbour, width) - 1]))
        }
        let memory = evaluated.ratio.map { 1 - $0 }
        let bootstrap = context.bootstrap(of: evaluated, "p20")
        let ranks = RankCorrelation(density, memory)
        estimates = bootstrap.estimates { weights in
            [Score.correlation: ranks.correlation(weights: weights), .memory: weightedMean(memory, weights)]
        }
        self.evaluated = evaluated
        self.density = density
        self.memory = memory
        closer = evaluated.toReference == nil ? nil : evaluated.closerToTrain
        self.bootstrap = bootstrap
        permutations = context.seed / "p20" / "permutation" / evaluated.policy
        pool = context.pool
    }

    /// Two-sided p of the correlation when whole demonstrations exchange their memory; nil where it is undefined.
    func permutationP() -> Double? {
        guard let value = estimates[.correlation].value else { return nil }
        let labels = LabelPermutation(demonstration: evaluated.generated.cluster)
        return PermutationTest.pValue(observed: -abs(value), draws: Self.draws, seed: permutations, pool: pool) { source in
            let rows = labels.rows(&source)
            return -abs(Spearman.correlation(density, rows.map { memory[$0] }))
        }
    }

    var samples: [CoverageSample] {
        (0..<evaluated.count).map { row in
            CoverageSample(
                key: SampleKey(evaluated, row), density: density[row], memory: memory[row], closer: closer?[row])
        }
    }

    /// One row per quartile of density.
    func bins(control: CoverageScores?) -> [CoverageBin] {
        let sample = SortedSample(density)
        let bounds = [0, 0.25, 0.5, 0.75, 1].map(sample.quantile)
        let quartiles = density.map { Self.quartile($0, bounds) }
        let masks = (0..<4).map { bin in quartiles.map { $0 == bin ? 1.0 : 0 } }
        func means(_ values: [Double]) -> [Estimate] {
            bootstrap.estimates { weights in
                masks.map { mask in weightedMean(values, zip(mask, weights).map { $0 * $1 }) }
            }
        }
        let (memory, closer) = (means(memory), closer.map(means))
        return (0..<4).map { bin in
            let truth = control.map { control in
                control.density.indices.filter { Self.quartile(control.density[$0], bounds) == bin }.map {
                    control.memory[$0]
                }
            }
            return CoverageBin(
                policy: evaluated.policy.name, condition: evaluated.condition, quartile: bin + 1,
                lowest: bounds[bin], highest: bounds[bin + 1], memory: memory[bin],
                closer: closer?[bin] ?? Estimate(value: nil),
                heldoutMemory: truth.map { $0.reduce(0, +) / Double($0.count) }, rows: quartiles.count { $0 == bin })
        }
    }

    private static func quartile(_ density: Double, _ bounds: [Double]) -> Int {
        bounds[1...3].count { density > $0 }
    }
}

/// A row of `p20_samples`: one generated chunk.
struct CoverageSample: ProbeTable {
    static let name = "p20_samples"
    var key = SampleKey()
    var density = 0.0, memory = 0.0
    var closer: Double?

    static var columns: [Column<CoverageSample>] {
        [Column(\.key), Column("density", \.density), Column("memory", \.memory), Column("closer", \.closer)]
    }
}

/// A row of `p20_bins`: a quartile of one policy's rows by density, counted from 1, the sparsest.
struct CoverageBin: ProbeTable {
    static let name = "p20_bins"
    var policy = ""
    var condition = Condition("")
    var quartile = 0
    /// Bounds of the density.
    var lowest = 0.0, highest = 0.0
    var memory = Estimate(value: nil), closer = Estimate(value: nil)
    var heldoutMemory: Double?
    var rows = 0

    static var columns: [Column<CoverageBin>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("quartile", \.quartile),
            Column("density_low", \.lowest), Column("density_high", \.highest), .interval("memory", \.memory),
            .bounds("closer", \.closer), Column("memory_heldout", \.heldoutMemory), Column("rows", \.rows),
        ]
    }
}

/// A row of `p20_correlation`.
struct CoverageCorrelation: ProbeTable {
    static let name = "p20_correlation"
    var policy = ""
    var condition = Condition("")
    var correlation = Estimate(value: nil)
    var p: Double?
    var heldout: Double?
    var n = 0
    var unit = ""

    init() {}

    init(_ scores: CoverageScores, control: CoverageScores?) {
        policy = scores.evaluated.policy.name
        condition = scores.evaluated.condition
        correlation = scores[.correlation]
        p = scores.permutationP()
        heldout = control?[.correlation].value
        n = scores.evaluated.units
        unit = scores.evaluated.generated.unit
    }

    static var columns: [Column<CoverageCorrelation>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), .interval("correlation", \.correlation),
            Column("p", \.p), Column("heldout", \.heldout), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}
