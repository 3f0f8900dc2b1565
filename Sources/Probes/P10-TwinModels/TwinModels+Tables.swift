import Basics
import Plots

/// A row of `p10_samples`: one pair of chunks.
struct TwinSample: ProbeTable {
    static let name = "p10_samples"
    var key = SampleKey()
    var agreement: Float = 0
    /// To the nearest chunk of the own training set and of the twin's; A's and B's.
    var ownA: Float = 0, ownB: Float = 0, otherA: Float = 0, otherB: Float = 0
    var errorA: Float?, errorB: Float?
    var memory = 0.0

    static func rows(_ pairs: TwinPairs, _ evaluated: EvaluatedChunks) -> [TwinSample] {
        let memory = pairs.memory
        return pairs.rows.enumerated().map { pair, row in
            TwinSample(
                key: SampleKey(evaluated, row), agreement: pairs.agreement[pair], ownA: pairs.own.a[pair],
                ownB: pairs.own.b[pair], otherA: pairs.other.a[pair], otherB: pairs.other.b[pair],
                errorA: pairs.error?.a[pair], errorB: pairs.error?.b[pair], memory: memory[pair])
        }
    }

    static var columns: [Column<TwinSample>] {
        [
            Column(\.key), Column("agreement", \.agreement), Column("own_a", \.ownA), Column("own_b", \.ownB),
            Column("other_a", \.otherA), Column("other_b", \.otherB), Column("error_a", \.errorA),
            Column("error_b", \.errorB), Column("memory", \.memory),
        ]
    }
}

/// A row of `p10_twins`: one median of one policy.
struct TwinRow: ProbeTable {
    static let name = "p10_twins"
    var policy = ""
    var condition = Condition("")
    var measure = TwinMeasure.agreement
    var median = Estimate(value: nil)
    var overD12: Double?
    var rows = 0, n = 0
    var unit = ""

    init() {}

    init(_ median: TwinMeasures.Median, _ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        policy = evaluated.policy.name
        condition = evaluated.condition
        measure = median.measure
        self.median = median.median
        overD12 = median.overD12(context).value
        rows = median.rows
        n = median.units
        unit = evaluated.generated.unit
    }

    static var columns: [Column<TwinRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("measure", \.measure),
            .interval("value", \.median), Column("over_d12", \.overD12), Column("rows", \.rows), Column("n", \.n),
            Column("n_unit", \.unit),
        ]
    }
}

extension TwinModels {
    private static let drawn: [PolicyRole] =
        [.sampler, .standIn, .standInLearned, .table, .kernel] + PolicyRole.oracles

    /// Two policies of disjoint demonstrations, asked the same.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(TwinRow.self)
        let policies = source.policies(Self.drawn, in: rows.map(\.policy)).map(\.name)
        guard !policies.isEmpty else { return [] }
        return [
            Plot(
                name: "p10_twins",
                title: "Distances of twins: policies trained on disjoint demonstrations, held-out observations",
                xLabel: "policy", yLabel: "distance, median (training standard deviations)",
                kind: .intervals(categories: source.categories(policies)),
                series: TwinMeasure.allCases.compactMap { measure in
                    measure.label.map { label in
                        Plot.Series(
                            label, isControl: measure.isControl,
                            rows.filter { $0.measure == measure && $0.condition == .heldout }.points(
                                along: policies, by: \.policy, y: \.median))
                    }
                })
        ]
    }
}
