import Basics
import Plots

/// P24: are generated sequences stitched together from pieces of training sequences?
///
/// The cost of covering a sequence by at most m = 1 ... 4 contiguous pieces, each the same span of steps of some training
/// sequence, in units of the metric (`SpliceCosts`); with one piece it is d1. Any sequence gains by another piece, so the same is
/// asked of held-out truth at the same observations: the floor. Gain = (cost of one piece - cost of two) / cost of one, 0 where
/// one piece costs nothing: near 1 for a sequence that switches between two memories on the way, 0 for a whole memory.
///
/// Policies at held-out observations: the policy under study with its seeds, those it is compared with, the oracles, the exact
/// denoiser, the stand-in and the training mean. Rows are `measured`: beside C3, which asks for switches between memories.
///
/// `p24_samples`: policy, condition, observation, demonstration, frame, sample, cost_1 to cost_4, cut (step at which the second of
/// two pieces begins, 0 where one is as good), gain. `p24_splices`: policy, condition, pieces, cost (median) with interval, the
/// same of truth.
public struct SpliceTest: Probe {
    public let name = "p24"
    public let title = "pieces of training sequences"
    public let endpoints = [Endpoint.spliceGain]
    public let evidence = [Evidence(.shown, .c3, [.spliceGain])]

    private static let roles: Set<PolicyRole> = [
        .subject, .sampler, .seed, .learned, .kernel, .memorizer, .interpolator, .generalizer, .exact, .standIn, .mean,
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under heldout") {
            $0.condition == .heldout && Self.roles.contains($0.policy.role)
        }
        guard let truth = ConditionTruth(.heldout, context) else {
            throw ProbeContext.nothing(name, at: "true sequences", expected: "some at held-out observations", remedy: "ask about recorded frames")
        }
        let floor = SpliceMeasures(
            SpliceCosts(truth.chunks, context), clusters: truth.chunks.demonstration, stream: context.seed / name / "truth", context)
        var samples: [SpliceSample] = [], splices: [SpliceRow] = [], summary: [SummaryRow] = []
        for evaluated in rows {
            let measures = SpliceMeasures(
                SpliceCosts(evaluated.generated.chunks, context), clusters: evaluated.generated.cluster,
                stream: context.seed / name / evaluated.policy, context)
            samples += (0..<evaluated.count).map { SpliceSample(evaluated, $0, measures) }
            splices += measures.medians.indices.map { SpliceRow(evaluated, pieces: $0 + 1, measures.medians[$0], floor.medians[$0]) }
            summary.append(Endpoint.spliceGain.row(evaluated, measures.gain, floor.gain))
        }
        return ProbeResult(tables: [SpliceSample.table(samples), SpliceRow.table(splices)], summary: summary)
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SpliceRow.self), policies = source.policies(PolicyRole.drawn, in: rows.map(\.policy))
        guard let first = policies.first else { return [] }
        func line(_ policy: PolicyID, _ y: (SpliceRow) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(x: { Double($0.pieces) }, y: y)
        }
        let floor = Plot.Series("held-out truth", isControl: true, mark: .truth, line(first, \.heldout))
        return [
            Plot(
                name: "p24_splices", title: "Sequences covered by pieces of training sequences, held-out observations", xLabel: "pieces",
                yLabel: "distance, median (training standard deviations)", kind: .curves, series: policies.map { Plot.Series($0, line($0, \.cost)) } + [floor])
        ]
    }
}

extension Endpoint {
    static let spliceGain = Endpoint(
        "p24_splice_gain", "gain of a splice",
        "(cost of covering a sequence by one piece of a training sequence - by two) / by one, mean",
        unit: "share of the cost of one piece", control: .heldout)
}

/// Gains and median costs with intervals.
private struct SpliceMeasures {
    let costs: SpliceCosts
    let gains: [Double]
    let gain: Estimate
    /// By pieces.
    let medians: [Estimate]

    init(_ costs: SpliceCosts, clusters: [Int], stream: Seed, _ context: ProbeContext) {
        let gains = costs.costs.map { $0[0] > 0 ? ($0[0] - $0[1]) / $0[0] : 0 }
        let byPieces = (0..<SpliceCosts.mostPieces).map { pieces in SortedSample(costs.costs.map { $0[pieces] }) }
        let estimates = context.bootstrap(clusters: clusters, stream: stream).estimates { weights in
            [weightedMean(gains, weights)] + byPieces.map { $0.median(weights: weights) }
        }
        (self.costs, self.gains, gain, medians) = (costs, gains, estimates[0], Array(estimates.dropFirst()))
    }
}

/// A row of `p24_samples`.
private struct SpliceSample: ProbeTable {
    static let name = "p24_samples"
    var key = SampleKey()
    var one = 0.0, two = 0.0, three = 0.0, four = 0.0
    var cut = 0
    var gain = 0.0

    init() {}

    init(_ evaluated: EvaluatedChunks, _ row: Int, _ measures: SpliceMeasures) {
        let costs = measures.costs.costs[row]
        key = SampleKey(evaluated, row)
        (one, two, three, four) = (costs[0], costs[1], costs[2], costs[3])
        cut = measures.costs.cut[row]
        gain = measures.gains[row]
    }

    static var columns: [Column<SpliceSample>] {
        [
            Column(\.key), Column("cost_1", \.one), Column("cost_2", \.two), Column("cost_3", \.three), Column("cost_4", \.four),
            Column("cut", \.cut), Column("gain", \.gain),
        ]
    }
}

/// A row of `p24_splices`.
private struct SpliceRow: ProbeTable {
    static let name = "p24_splices"
    var policy = ""
    var condition = Condition("")
    var pieces = 0
    var cost = Estimate(value: nil), heldout = Estimate(value: nil)

    init() {}

    init(_ evaluated: EvaluatedChunks, pieces: Int, _ cost: Estimate, _ heldout: Estimate) {
        (policy, condition) = (evaluated.policy.name, evaluated.condition)
        (self.pieces, self.cost, self.heldout) = (pieces, cost, heldout)
    }

    static var columns: [Column<SpliceRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("pieces", \.pieces), .interval("cost", \.cost),
            .bounds("heldout", \.heldout),
        ]
    }
}
