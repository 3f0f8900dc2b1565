import Basics
import Plots

/// What P07 measures, with the name in its table.
enum BlendMeasure: String, CaseIterable, Sendable {
    case largestWeight = "largest_weight"
    case effectiveDemonstrations = "effective_demonstrations"
    /// Over the median D12.
    case residual
}

/// Every measure of every row.
struct BlendScores: Sendable {
    private let values: Named<BlendMeasure, [Double]>

    init(_ blends: [ConvexBlend], _ medianD12: Double) {
        values = [
            .largestWeight: blends.map(\.largestWeight), .effectiveDemonstrations: blends.map(\.effectiveNumber),
            .residual: blends.map { $0.residual / medianD12 },
        ]
    }

    init(_ chunks: Chunks, _ near: NearestChunks, _ context: ProbeContext) {
        self.init(
            ConvexBlend.all(
                context.metric.scaled(chunks), near: near, in: context.scaledTrain, count: CopyBlendNovel.candidates,
                pool: context.pool), context.medianD12)
    }

    subscript(measure: BlendMeasure) -> [Double] { values[measure] }

    func means(_ weights: [Double]) -> Named<BlendMeasure, Double> {
        Named(Dictionary(uniqueKeysWithValues: BlendMeasure.allCases.map { ($0, weightedMean(values[$0], weights)) }))
    }
}

/// Means of P07 for one policy under one condition, beside those of held-out truth.
struct BlendComparison: Sendable {
    let own: Named<BlendMeasure, Estimate>
    /// Nil where there is no true chunk to compare with.
    let heldout: Named<BlendMeasure, Estimate>?
    /// Mean residual over that of truth; without a value where truth has none or a residual of 0.
    let ratio: Estimate

    /// - Parameters:
    ///   - paired: truth at the same rows.
    ///   - unpaired: truth of all of Q, used without `paired`; `clusters` are its demonstrations.
    init(
        _ own: BlendScores, paired: BlendScores?, unpaired: BlendScores?, clusters: [Int], _ evaluated: EvaluatedChunks,
        _ context: ProbeContext
    ) {
        // One stream for all three, so that the ratio is paired with its parts.
        let bootstrap = context.bootstrap(of: evaluated, "p07")
        var fixed: Double?
        if let paired {
            heldout = bootstrap.estimates { paired.means($0) }
        } else if let unpaired {
            let truth = context.bootstrap(clusters: clusters, stream: context.seed / "p07" / "heldout")
                .estimates { unpaired.means($0) }
            heldout = truth
            fixed = truth[.residual].value
        } else {
            heldout = nil
        }
        self.own = bootstrap.estimates { own.means($0) }
        let base = fixed
        ratio = bootstrap.estimate { weights in
            let truth = paired.map { weightedMean($0[.residual], weights) } ?? base ?? 0
            return truth > 0 ? weightedMean(own[.residual], weights) / truth : .nan
        }
    }

    func verdict(_ rules: DecisionRules) -> Verdict {
        let weight = own[.largestWeight], reading = Endpoint.largestWeight.reading(weight, rules)
        if let bound = heldout?[.largestWeight].high, reading == .supports, weight.lies(above: bound), ratio.lies(below: 1) {
            return .copy
        }
        if ratio.lies(above: rules.novelResidual) { return .novel }
        return reading == .contradicts && ratio.lies(below: rules.novelResidual) ? .blend : .undecided
    }

    func rows(_ evaluated: EvaluatedChunks, jitter: BlendScores) -> [BlendRow] {
        let (policy, condition) = (evaluated.policy.name, evaluated.condition)
        let measures = BlendMeasure.allCases.map { measure in
            BlendRow(
                policy: policy, condition: condition, measure: measure.rawValue, value: own[measure],
                heldout: heldout?[measure] ?? Estimate(value: nil),
                jitter: weightedMean(jitter[measure], [Double](repeating: 1, count: jitter[measure].count)))
        }
        return measures + [
            BlendRow(
                policy: policy, condition: condition, measure: "residual_over_heldout", value: ratio,
                heldout: Estimate(value: 1))
        ]
    }
}

/// A row of `p07_blend`.
struct BlendRow: ProbeTable {
    static let name = "p07_blend"
    var policy = ""
    var condition = Condition("")
    /// A `BlendMeasure`, or the residual over that of held-out truth.
    var measure = ""
    var value = Estimate(value: nil), heldout = Estimate(value: nil)
    var jitter: Double?

    static var columns: [Column<BlendRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("measure", \.measure),
            .interval("value", \.value), .bounds("heldout", \.heldout), Column("jitter", \.jitter),
        ]
    }
}

extension CopyBlendNovel {
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(BlendRow.self)
        guard !rows.isEmpty else { return [] }
        return [
            plot(
                rows, .largestWeight, "Largest weight of a sequence's blend of training demonstrations",
                "largest weight (share)", source),
            plot(
                rows, .residual, "What no blend of training demonstrations explains",
                "residual / D12", source),
        ]
    }

    private func plot(
        _ all: [BlendRow], _ measure: BlendMeasure, _ title: String, _ unit: String, _ source: any FigureSource
    ) -> Plot {
        let rows = all.filter { $0.measure == measure.rawValue }, heldout = rows.filter { $0.condition == .heldout }
        let policies = source.policies(PolicyRole.drawn + [.exact, .mean], in: heldout.map(\.policy)).map(\.name)
        func points(_ rows: [BlendRow], _ y: (BlendRow) -> Estimate) -> [Plot.Point] {
            rows.points(along: policies, by: \.policy, y: y)
        }
        return Plot(
            name: "p07_\(measure.rawValue)", title: title, xLabel: "policy", yLabel: unit,
            kind: .intervals(categories: source.categories(policies)),
            series: [
                Plot.Series("held-out truth", isControl: true, mark: .truth, form: .level, points(heldout, \.heldout)),
                Plot.Series("training sequences with noise", isControl: true, points(heldout) { Estimate(value: $0.jitter) }),
                Plot.Series("at held-out observations", points(heldout, \.value)),
                Plot.Series("at training observations", points(rows.filter { $0.condition == .train }, \.value)),
            ], yRange: measure == .largestWeight ? 0...1.02 : nil)
    }
}
