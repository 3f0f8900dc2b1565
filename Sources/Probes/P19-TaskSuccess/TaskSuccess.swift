import Basics
import Plots

/// P19: does the lookup table do the policy's job? Success of every policy on the same starts.
///
/// A bundle is one start with every policy. Compared first is the lookup table with the policy under study by its fast sampler,
/// by the procedure of `SuccessComparison`: a betting process read after every 25 bundles, else, after all, Tango's 90 %
/// interval within ± `rules.equivalence_margin`. All other comparisons are secondary: exact McNemar tests under Holm's
/// correction. Success is the task's rule within `rollouts.steps`; progress is the largest score reached.
///
/// `p19_success` stands beside the success of a random replay; `p19_difference` is this policy's success minus that of the
/// policy named as control, with Tango's 95 % interval; verdicts: `equivalent`, `better`, `worse`, `undecided`.
/// `p19_method_difference` compares methods, not weights: resampled over training seeds, then starts.
///
/// `p19_policies`: one row a policy, letters shared by policies that do not differ (all pairs, Holm). `p19_pairs`: every
/// comparison. `p19_distance`: success by the distance from the object at the start to the nearest training start, in quarters.
public struct TaskSuccess: Probe {
    public let name = "p19"
    public let title = "success in closed loop"
    public let needs: Set<Need> = [.rollouts]
    public let endpoints = [
        Endpoint.success, .successProgress, .successDifference, .successAbovePixels, .methodDifference, .sizeSuccess,
    ]
    public let evidence = [
        Evidence(.decides, .c6, [.successDifference], of: .role(.table), at: .one(.closedLoop), against: .sampler),
        Evidence(.decides, .c6, [.successAbovePixels], of: .role(.table), at: .one(.closedLoop), against: .pixels),
        Evidence(.shown, .c6, [.success], of: .role(.sampler), at: .one(.closedLoop)),
        Evidence(.shown, .c6, [.success], of: .role(.table), at: .one(.closedLoop)),
        Evidence(.shown, .c6, [.success], of: .role(.pixels), at: .one(.closedLoop)),
        Evidence(.shown, .c6, [.methodDifference], of: .all, at: .one(.closedLoop)),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let episodes = context.measurements[EpisodeRecord.self].filter { $0.condition == .closedLoop }
        let main = context.train.demonstrations.count
        let all = PolicyEpisodes.grouped(episodes), own = all.filter { $0.demonstrations == main }
        guard !own.isEmpty else {
            throw ProbeContext.nothing(name, at: "rollouts", expected: "episodes of a policy", remedy: "set rollouts.policies to null")
        }
        let letters = CompactLetters.significant(own)
        let floor = own.first { $0.policy.role == .randomReplay }
        var summary: [SummaryRow] = [], policies: [PolicyRow] = []
        for (place, policy) in own.enumerated() {
            let row = PolicyRow(policy, letters: letters[place], context)
            policies.append(row)
            summary.append(
                Endpoint.success.row(
                    policy.policy.name, .closedLoop, row.success, control: floor.map { Control($0.policy.name) },
                    floor.map { Estimate(value: $0.share) }, n: policy.episodes.count, unit: "start", .measured))
            summary.append(
                Endpoint.successProgress.row(
                    policy.policy.name, .closedLoop, row.progress, control: floor.map { Control($0.policy.name) },
                    floor.map { Estimate(value: $0.meanProgress) }, n: policy.episodes.count, unit: "start", .measured))
        }
        let comparisons = SuccessPair.all(own, context)
        summary += comparisons.flatMap { $0.rows(context.rules) }
        summary += MethodDifference.all(own, context).map(\.row)
        for policy in all where policy.demonstrations != main || policy.policy.role == .standIn {
            let row = PolicyRow(policy, letters: "", context)
            if policy.demonstrations != main { policies.append(row) }
            summary.append(
                Endpoint.sizeSuccess.member(policy.demonstrations).row(
                    policy.policy.name, .closedLoop, row.success, control: floor.map { Control($0.policy.name) },
                    floor.map { Estimate(value: $0.share) }, n: policy.episodes.count, unit: "start", .measured))
        }
        return ProbeResult(
            tables: [
                PolicyRow.table(policies), PairRow.table(comparisons.map(\.row)), DistanceRow.table(DistanceRow.all(own)),
            ], summary: summary)
    }
}

extension Endpoint {
    static let success = Endpoint(
        "p19_success", "success",
        "share of episodes that reach the goal within rollouts.steps",
        unit: "share of starts", control: Control("replay_random"))
    static let successProgress = Endpoint(
        "p19_progress", "progress",
        "largest score of the task's progress reached in an episode, mean",
        unit: "mean progress", control: Control("replay_random"))
    /// The verdict holds the outcome of the whole procedure, which the interval alone does not.
    static let successDifference = Endpoint(
        "p19_difference", "difference in success",
        "success of this policy minus that of the policy named as control, same starts",
        unit: "share of starts", control: Control("policy")
    ) { rules in
        Criterion(
            "supports: equivalent within \(rules.equivalenceMargin), or better; contradicts: worse",
            supports: { $0.verdict == .equivalent || $0.verdict == .better }, contradicts: { $0.verdict == .worse })
    }
    static let successAbovePixels = Endpoint(
        "p19_above_pixels", "success above nearest pixels",
        "success of the table minus that of the nearest pixels, same starts",
        unit: "share of starts", control: Control("policy")) { _ in .aboveZero }
    static let methodDifference = Endpoint(
        "p19_method_difference", "difference of methods",
        "difference in success resampled over training seeds, then starts",
        unit: "share of starts", control: Control("policy"))
    /// A member for every number of demonstrations.
    static let sizeSuccess = Endpoint(
        "p19_success_n", "success at # demonstrations",
        "success of a policy that learned n demonstrations",
        unit: "share of starts", control: Control("replay_random"))
}
