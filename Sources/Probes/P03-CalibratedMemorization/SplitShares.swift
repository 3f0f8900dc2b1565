import Basics

/// The symmetric share (`SymmetricShare`) of a policy at held-out observations, over several divisions of the demonstrations into
/// T, R and Q: one division may be lucky. The interval resamples divisions, then the demonstrations of each.
struct SplitShares: Sendable {
    struct Split: Sendable {
        let number: Int
        let context: ProbeContext
        let evaluated: EvaluatedChunks
        let symmetric: SymmetricShare
    }

    let policy: PolicyID
    let splits: [Split]
    let share: Estimate

    /// Of every policy that was asked in all divisions, the study's own first; none where it has only one.
    /// - Throws: `Failure` when twins were asked about different observations.
    static func all(_ context: ProbeContext) throws -> [SplitShares] {
        let others = context.siblings.splits
        guard !others.isEmpty else { return [] }
        return try context.policies.compactMap { policy in
            let splits = try ([context] + others).enumerated().compactMap { number, own -> Split? in
                guard let evaluated = own.evaluated(policy, .heldout), let symmetric = try SymmetricShare(evaluated, own) else { return nil }
                return Split(number: number, context: own, evaluated: evaluated, symmetric: symmetric)
            }
            return splits.count == others.count + 1 ? SplitShares(policy, splits, context) : nil
        }
    }

    private init(_ policy: PolicyID, _ splits: [Split], _ context: ProbeContext) {
        self.policy = policy
        self.splits = splits
        let values = splits.flatMap(\.symmetric.rows)
        let numbers = splits.flatMap { split in [Int](repeating: split.number, count: split.symmetric.rows.count) }
        share = HierarchicalBootstrap(
            levels: [numbers, splits.flatMap(\.symmetric.clusters)], resamples: context.resamples, seed: context.seed / "p03" / policy / "splits",
            pool: context.pool
        ).estimate { weightedMean(values, $0) }
    }

    func row(_ rules: DecisionRules) -> SummaryRow {
        Endpoint.splitShare.row(
            policy.name, .heldout, share, Estimate(value: 0.5), n: splits.count, unit: "split",
            splits.compactMap(\.symmetric.withheld).first ?? MemoryRule.side(share: share, rules))
    }

    var rows: [SplitRow] {
        splits.map { split in
            var row = SplitRow()
            (row.policy, row.split) = (policy.name, split.number)
            let closer = split.evaluated.closerToTrain
            row.share = closer.reduce(0, +) / Double(closer.count)
            row.symmetric = split.symmetric.share
            row.isFitted = split.context.fits[policy].map { $0.isFitted && split.symmetric.withheld != .notFitted }
            (row.n, row.unit) = (split.symmetric.units, split.evaluated.generated.unit)
            return row
        }
    }
}

/// A row of `p03_splits`: one policy in one division of the demonstrations, 0 the study's own.
struct SplitRow: ProbeTable {
    static let name = "p03_splits"
    var policy = ""
    var split = 0
    /// Of the policy alone, and averaged with its twin's.
    var share = 0.0
    var symmetric = Estimate(value: nil)
    /// Of both twins; absent where it was not asked.
    var isFitted: Bool?
    var n = 0
    var unit = ""

    static var columns: [Column<SplitRow>] {
        [
            Column("policy", \.policy), Column("split", \.split), Column("dcr_share", \.share), .bounds("symmetric_share", \.symmetric),
            Column("fitted", \.isFitted), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

extension Endpoint {
    static let splitShare = Endpoint(
        "p03_symmetric_share_splits", "symmetric DCR share over divisions",
        "the symmetric DCR share pooled over several divisions of the demonstrations",
        unit: "share of sequences", control: .noEffect, .raisedByMemory)
}
