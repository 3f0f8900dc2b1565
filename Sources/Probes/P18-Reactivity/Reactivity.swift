import Basics
import Plots

/// P18: does a policy follow when the object is moved on its way?
///
/// In every episode of the condition `object_moved` the object is put elsewhere at control step `rollouts.moved_at`, unless it is
/// held by then. `p18_success` is the success with the move minus that without, on the same starts and draws, with Tango's 95 %
/// interval; control: the success without. Verdict: `reactive` when Tango's 90 % interval lies above minus
/// `rules.equivalence_margin`, so that the move costs less than the margin; `not reactive` when the 95 % interval lies wholly below
/// minus the margin. `p18_reaction` is the median of the control steps from the move until the hand is, at a query, nearer to
/// where the object is than to where it was; an episode in which it never is counts as the limit.
///
/// `p18_episodes`: policy, start, success with and without, reaction.
public struct Reactivity: Probe {
    public let name = "p18"
    public let title = "reaction to an object that is moved on the way"
    public let needs: Set<Need> = [.rollouts]
    public let endpoints = [Endpoint.movedSuccess, .reaction]
    public let evidence = [
        Evidence(.decides, .c9, [.movedSuccess], of: .role(.table), at: .one(.objectMoved)),
        Evidence(.shown, .c9, [.movedSuccess], of: .role(.sampler), at: .one(.objectMoved)),
        Evidence(.shown, .c9, [.reaction], of: .role(.table), at: .one(.objectMoved)),
        Evidence(.shown, .c9, [.reaction], of: .role(.sampler), at: .one(.objectMoved)),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let episodes = context.measurements[EpisodeRecord.self]
        let moved = PolicyEpisodes.grouped(episodes.filter { $0.condition == .objectMoved })
        let plain = PolicyEpisodes.grouped(episodes.filter { $0.condition == .closedLoop })
        guard !moved.isEmpty else {
            throw ProbeContext.nothing(name, at: "rollouts", expected: "episodes in which the object is moved", remedy: "set rollouts.policies to null")
        }
        var rows: [ReactionRow] = [], summary: [SummaryRow] = []
        for policy in moved {
            guard let before = plain.first(where: { $0.policy == policy.policy && $0.demonstrations == policy.demonstrations }) else { continue }
            let (with, without) = policy.paired(before)
            guard !with.isEmpty else { continue }
            let pairs = PairedSuccess(first: with, second: without), reaction = self.reaction(policy, context)
            summary.append(
                Endpoint.movedSuccess.row(
                    policy.policy.name, .objectMoved, pairs.interval95, Double(pairs.successesSecond) / Double(pairs.count),
                    n: pairs.count, verdict(pairs, context.rules)))
            summary.append(
                Endpoint.reaction.row(policy.policy.name, .objectMoved, reaction, nil, n: policy.episodes.count, unit: "start", .measured))
            let successes = Dictionary(uniqueKeysWithValues: before.episodes.map { ($0.start, $0.isSuccess) })
            rows += policy.episodes.map { ReactionRow($0, without: successes[$0.start] ?? nil) }
        }
        return ProbeResult(tables: [ReactionRow.table(rows)], summary: summary)
    }

    private func reaction(_ policy: PolicyEpisodes, _ context: ProbeContext) -> Estimate {
        let steps = policy.episodes.map { Double($0.reaction ?? $0.steps) }, sample = SortedSample(steps)
        return context.bootstrap(units: steps.count, seed: context.seed / name / policy.policy).estimate { sample.median(weights: $0) }
    }

    private func verdict(_ pairs: PairedSuccess, _ rules: DecisionRules) -> Verdict {
        if pairs.interval90.lies(above: -rules.equivalenceMargin) { return .reactive }
        return pairs.interval95.lies(below: -rules.equivalenceMargin) ? .notReactive : .undecided
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(ReactionRow.self)
        let policies = source.policies.filter { policy in rows.contains { $0.policy == policy.name } }
        guard !policies.isEmpty else { return [] }
        func shares(_ isSuccess: (ReactionRow) -> Bool?) -> [Plot.Point] {
            policies.enumerated().compactMap { place, policy in
                let own = rows.filter { $0.policy == policy.name }.compactMap(isSuccess)
                guard !own.isEmpty else { return nil }
                return Wilson.estimate(share: Double(own.count { $0 }) / Double(own.count), count: own.count).point(x: Double(place))
            }
        }
        return [
            Plot(
                name: "p18_success", title: "Success when the object is moved on the way", xLabel: "policy", yLabel: "share of starts",
                kind: .intervals(categories: policies.map { Plot.Category($0) }),
                series: [
                    Plot.Series("not moved", isControl: true, shares(\.isSuccessWithout)), Plot.Series("moved", shares { $0.isSuccess }),
                ], yRange: 0...1.02)
        ]
    }
}

extension Endpoint {
    static let movedSuccess = Endpoint(
        "p18_success", "success lost by a move",
        "success with the object moved on the way minus that without, same starts and draws",
        unit: "share of starts", control: Control("not_moved")) { rules in
        Criterion(
            "supports: the move costs less than \(rules.equivalenceMargin); contradicts: more",
            supports: { $0.verdict == .reactive }, contradicts: { $0.verdict == .notReactive })
    }
    static let reaction = Endpoint(
        "p18_reaction", "reaction",
        "median control steps from the move until the hand is nearer to where the object is than to where it was",
        unit: "control steps", control: Control("none"))

    fileprivate func row(
        _ policy: String, _ condition: Condition, _ estimate: Estimate, _ control: Double, n: Int, _ verdict: Verdict
    ) -> SummaryRow {
        row(policy, condition, estimate, Estimate(value: control), n: n, unit: "start", verdict)
    }
}

/// A row of `p18_episodes`.
private struct ReactionRow: ProbeTable {
    static let name = "p18_episodes"
    var policy = ""
    var start = 0
    var isSuccess = false
    var isSuccessWithout: Bool?
    var reaction: Int?

    init() {}

    init(_ episode: EpisodeRecord, without: Bool?) {
        policy = episode.policy.name
        start = episode.start
        isSuccess = episode.isSuccess
        isSuccessWithout = without
        reaction = episode.reaction
    }

    static var columns: [Column<ReactionRow>] {
        [
            Column("policy", \.policy), Column("start", \.start), Column("success", \.isSuccess),
            Column("success_not_moved", \.isSuccessWithout), Column("reaction_steps", \.reaction),
        ]
    }
}
