import Basics
import Plots

/// P08: do images that have nothing to do with the task still give a training sequence, and one of one or two demonstrations?
///
/// Still a training sequence: `p08_distance`, the median d1 over that of held-out truth. A policy that answers such images
/// with something of its own, were it just an average, is farther from every training sequence than truth is; one that recalls
/// is nearer. Control: the same for the training mean, which a constant answer must beat; beside it `jitter` (a training
/// sequence with noise of a quarter of D12) and, in P03, the symmetrised share of the policy and its twin.
///
/// Every generated chunk recalls the demonstration of its nearest training chunk, e(i1). Per policy and condition
/// other than `train`: entropy (nats) of the histogram of recalled demonstrations and the mass of its top two, with
/// intervals. `heldout` is in the table as the comparison in distribution.
///
/// Control: `random_train`, the same number when each independent unit recalls a demonstration drawn in proportion to
/// its training chunks (with few units the top two of a uniform draw are already large), its mean and 95 % range; and
/// the policy's own recall of the blank image with varying poses.
///
/// Verdict of the distance: `closer than held-out` when its interval lies below 1 and below the mean's, `farther than
/// held-out` when it lies above 1, else `undecided`; `not fitted` and `fit unknown` as below, `measured` at held-out.
///
/// Verdict of the top-2 mass, on every condition but `heldout`: `not fitted` or `fit unknown` without a fit (P01);
/// `fallback` when the interval lies above 0.8 and above the 97.5 % point of `random_train`; `no fallback` when it
/// lies below 0.8; else `undecided`. Entropy and `heldout` rows are `measured`. One run is one training seed: C4 asks
/// for most seeds.
///
/// `p08_histogram`: policy, condition, demonstration, count, share, random_train_share. `p08_controls`: policy,
/// condition, measure (entropy, top_2_mass), value with interval, random_train with range, blank, heldout. `p08_distances`:
/// policy, condition, over_heldout (median d1 over that of held-out truth) with interval, mean, jitter (the same for these),
/// over_d12 (median d1 over the median D12).
public struct NonsenseFallback: Probe {
    public let name = "p08"
    public let title = "fallback on nonsense images"
    public let endpoints = [Endpoint.fallbackDistance, .recallEntropy, .topTwoMass]
    public let evidence = [Evidence(.decides, .c4, [.fallbackDistance, .topTwoMass], of: .subjectAndSeeds, at: .animals)]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under a condition other than train") {
            $0.condition != .train
        }
        let measured = rows.map { RecallHistogram($0, context) }
        let chance = rows.map { RandomRecall(units: $0.units, context) }
        var histogram: [RecallRow] = []
        var controls: [FallbackRow] = []
        let distances = FallbackDistances(rows, context)
        var summary = distances?.summary(context) ?? []
        for (index, evaluated) in rows.enumerated() {
            let (own, random) = (measured[index], chance[index])
            for (column, demonstration) in evaluated.toTrain.demonstrations.enumerated() {
                histogram.append(
                    RecallRow(
                        policy: evaluated.policy.name, condition: evaluated.condition, demonstration: context.train.names[demonstration],
                        count: own.counts[column], share: Double(own.counts[column]) / Double(evaluated.count),
                        chance: random.shares[column]))
            }
            func other(_ condition: Condition) -> RecallHistogram? {
                rows.firstIndex { $0.policy == evaluated.policy && $0.condition == condition }.map { measured[$0] }
            }
            let (blank, heldout) = (other(.blank), other(.heldout))
            for measure in Concentration.Measure.allCases {
                controls.append(
                    FallbackRow(
                        policy: evaluated.policy.name, condition: evaluated.condition, measure: measure.rawValue,
                        value: own.concentration[measure], random: random.concentration[measure],
                        blank: blank?.concentration[measure].value, heldout: heldout?.concentration[measure].value))
            }
            let (entropy, mass) = (own.concentration[.entropy], own.concentration[.topTwoMass])
            let chanceMass = random.concentration[.topTwoMass]
            summary += [
                Endpoint.recallEntropy.row(evaluated, entropy, random.concentration[.entropy]),
                Endpoint.topTwoMass.row(evaluated, mass, chanceMass, verdict(evaluated, mass, chanceMass, context)),
            ]
        }
        let tables = [RecallRow.table(histogram), FallbackRow.table(controls), FallbackDistances.Row.table(distances?.rows ?? [])]
        return ProbeResult(tables: tables, summary: summary)
    }

    private func verdict(
        _ evaluated: EvaluatedChunks, _ mass: Estimate, _ chance: Estimate, _ context: ProbeContext
    ) -> Verdict {
        guard evaluated.condition != .heldout else { return .measured }
        if let withheld = context.withheld(evaluated) { return withheld }
        switch Endpoint.topTwoMass.reading(mass, control: chance, context.rules) {
        case .supports: return .fallback
        case .contradicts: return .noFallback
        case .open, .shown: return .undecided
        }
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let all = try source.rows(RecallRow.self)
        let histograms = source.policies([.subject, .table, .learned, .exact], in: all.map(\.policy)).map { policy in
            let rows = all.filter { $0.policy == policy.name }, demonstrations = rows.distinct(\.demonstration.name)
            func shares(_ rows: [RecallRow], _ share: (RecallRow) -> Double) -> [Plot.Point] {
                rows.points(along: demonstrations, by: \.demonstration.name, y: { Estimate(value: share($0)) })
            }
            return Plot(
                name: "p08_recalled_\(policy)", title: "Which training demonstration is recalled: \(policy.label)",
                xLabel: "training demonstration", yLabel: "share of sequences",
                kind: .matrix(categories: demonstrations.map { Plot.Category($0, $0) }, null: nil, showsNumbers: false),
                series: rows.distinct(\.condition).map { condition in
                    Plot.Series(condition.name, label: condition.label, shares(rows.filter { $0.condition == condition }, \.share))
                } + [Plot.Series("chance", isControl: true, shares(rows.filter { $0.condition == rows[0].condition }, \.chance))])
        }
        return try [topTwoMass(source)].compactMap { $0 } + histograms
    }

    /// How much of the answers two demonstrations have, beside chance and the bound of C4.
    private func topTwoMass(_ source: any FigureSource) throws -> Plot? {
        let rows = try source.rows(SummaryRecord.self).filter { $0.endpoint == Endpoint.topTwoMass.key }
        let policies = source.policies([.subject, .table, .learned, .exact], in: rows.map(\.policy))
        let own = rows.filter { row in policies.contains { $0.name == row.policy } }, conditions = own.distinct(\.condition)
        guard !own.isEmpty else { return nil }
        // Chance depends on the number of independent units, and so on the condition alone.
        let chance = conditions.enumerated().compactMap { place, condition in
            own.first { $0.condition == condition }.flatMap { Estimate(value: $0.controlValue).point(x: Double(place)) }
        }
        return Plot(
            name: "p08_top_2_mass", title: "Share of answers that the two most recalled demonstrations have", xLabel: "condition",
            yLabel: "share of sequences", kind: .intervals(categories: conditions.map { Plot.Category($0) }),
            series: [Plot.Series("chance", isControl: true, form: .level, chance)]
                + policies.map { policy in
                    Plot.Series(
                        policy,
                        own.filter { $0.policy == policy.name }.points(along: conditions.map(\.name), by: \.condition.name, y: \.estimate))
                },
            references: [Plot.Reference("fallback above", source.rules.topTwoMass)], yRange: 0...1.02)
    }
}

extension Endpoint {
    static let recallEntropy = Endpoint(
        "p08_entropy", "entropy of recall",
        "entropy of how often each training demonstration is recalled",
        unit: "nats", control: Control("random_train"), .loweredByMemory)
    /// Above the bound and above the 97.5 % point of recall at random.
    public static let topTwoMass = Endpoint(
        "p08_top_2_mass", "top-2 mass",
        "share of sequences that recall one of the two most recalled training demonstrations",
        unit: "share of sequences", control: Control("random_train"), .raisedByMemory,
        criterion: { rules in
            Criterion(
                "supports: interval above \(rules.topTwoMass) and above chance; contradicts: interval below",
                supports: { $0.estimate.lies(above: max(rules.topTwoMass, $0.control.high ?? $0.control.value ?? 1)) },
                contradicts: { $0.estimate.lies(below: rules.topTwoMass) })
        })
}

/// A row of `p08_histogram`.
private struct RecallRow: ProbeTable {
    static let name = "p08_histogram"
    var policy = ""
    var condition = Condition("")
    var demonstration = NamedDemonstration()
    var count = 0
    var share = 0.0
    /// Of recall at random.
    var chance = 0.0

    static var columns: [Column<RecallRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), .demonstration(\.demonstration),
            Column("count", \.count), Column("share", \.share), Column("random_train_share", \.chance),
        ]
    }
}

/// A row of `p08_controls`.
private struct FallbackRow: ProbeTable {
    static let name = "p08_controls"
    var policy = ""
    var condition = Condition("")
    var measure = ""
    var value = Estimate(value: nil), random = Estimate(value: nil)
    var blank: Double?, heldout: Double?

    static var columns: [Column<FallbackRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("measure", \.measure),
            .interval("value", \.value), .bounds("random_train", \.random), Column("blank", \.blank),
            Column("heldout", \.heldout),
        ]
    }
}
