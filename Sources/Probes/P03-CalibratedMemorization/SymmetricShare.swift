import Basics

/// How often a policy is nearer to what it was trained on, with T and R in equal parts: the share of the policy trained on T
/// that is nearer to T, averaged with the share of its twin trained on R that is nearer to R.
///
/// Where T covers the queries better than R by luck, every sequence is nearer to T and the plain share is off its null; here
/// what the luck gives to one half it takes from the other. Truth, which does not depend on the half, has 0.5 exactly, a lookup
/// 1. A sequence that is the same for every observation, such as the training mean, has 0, 0.5 or 1 and no interval that means
/// anything: it must be told apart by its distance (`p08_distance`).
struct SymmetricShare: Sendable {
    let share: Estimate
    let units: Int
    /// Of each row: how much nearer to its own half, 0, 0.25, ... 1, and the unit it belongs to.
    let rows: [Double]
    let clusters: [Int]
    /// What must be said instead of a claim, of either twin.
    let withheld: Verdict?

    /// Nil where there is no twin that was asked the same.
    /// - Throws: `Failure` when the twins were asked about different observations.
    init?(_ evaluated: EvaluatedChunks, _ context: ProbeContext) throws {
        // The training observations of the twin are its own.
        guard evaluated.condition != .train, let twin = context.twin,
            let other = twin.evaluated(evaluated.policy, evaluated.condition),
            let pairs = try TwinPairs(evaluated, other.generated, context)
        else { return nil }
        rows = zip(
            EvaluatedChunks.closer(pairs.own.a, pairs.other.a), EvaluatedChunks.closer(pairs.own.b, pairs.other.b)
        ).map { ($0 + $1) / 2 }
        clusters = pairs.cluster
        let (own, clusters) = (rows, pairs.cluster)
        share = try context.kept("symmetric \(evaluated.policy) \(evaluated.condition)") {
            context.bootstrap(
                clusters: clusters, stream: context.seed / "p03" / evaluated.policy / evaluated.condition / "symmetric"
            ).estimate { weightedMean(own, $0) }
        }
        units = Set(clusters).count
        withheld = context.withheld(evaluated) ?? (twin.fits[evaluated.policy].map { !$0.isFitted } ?? false ? .notFitted : nil)
    }

    func row(_ evaluated: EvaluatedChunks, _ rules: DecisionRules) -> SummaryRow {
        Endpoint.symmetricShare.row(evaluated, share, 0.5, n: units, withheld ?? MemoryRule.side(share: share, rules))
    }
}

extension Endpoint {
    static let symmetricShare = Endpoint(
        "p03_symmetric_share", "symmetric DCR share",
        "mean of the DCR shares of a policy trained on T and of its twin trained on R, each towards its own; 0.5 without memory, whichever half lies nearer",
        unit: "share of sequences", control: .noEffect, .raisedByMemory, separatesOracles: true,
        criterion: { rules in
            let share = MemoryRule.share(rules)
            // A twin that has not fitted draws the share to its null.
            return Criterion(
                share.rule + "; open where a twin has not fitted",
                supports: { $0.verdict != .notFitted && share.reading($0) == .supports },
                contradicts: { $0.verdict != .notFitted && share.reading($0) == .contradicts })
        })
}
