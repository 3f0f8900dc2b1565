import Basics

/// Policies that differ only in the seed of their training, at held-out observations.
struct SeedFamily: Sendable {
    let family: String
    let records: [PolicyRecord]
    let evaluated: [EvaluatedChunks]

    /// Every family with at least two seeds among `rows`, seeds ascending.
    static func all(_ rows: [EvaluatedChunks], _ context: ProbeContext) -> [SeedFamily] {
        var groups: [[PolicyRecord]] = []
        for record in context.measurements.records where rows.contains(where: { $0.policy == record.policy }) {
            if let place = groups.firstIndex(where: { $0[0].isRepeat(of: record) }) {
                if !groups[place].contains(where: { $0.seed == record.seed }) { groups[place].append(record) }
            } else {
                groups.append([record])
            }
        }
        groups = groups.filter { $0.count > 1 }
        return groups.map { group in
            let records = group.sorted { $0.seed < $1.seed }
            let isOnly = groups.count { $0[0].family == records[0].family } == 1
            return SeedFamily(
                family: isOnly
                    ? records[0].family
                    : "\(records[0].family)_n\(records[0].demonstrations)_at_\(records[0].steps)",
                records: records,
                evaluated: records.compactMap { record in rows.first { $0.policy == record.policy } })
        }
    }

    /// The DCR share of every seed and, last, of all together.
    func findings(_ scores: ChoiceScores, heldout: EvaluatedChunks, _ context: ProbeContext) -> [RobustnessFinding] {
        let truth = heldout.closerToTrain
        func finding(_ choice: RobustnessFinding.Choice, _ share: Estimate, units: Int) -> RobustnessFinding {
            RobustnessFinding(
                choice: choice, endpoint: .share, estimate: share, heldout: truth.reduce(0, +) / Double(truth.count),
                side: MemoryRule.side(share: share, context.rules), units: units)
        }
        let single = zip(records, evaluated).map { record, evaluated in
            let closer = evaluated.closerToTrain
            let share = context.bootstrap(of: evaluated, "p03").estimate { weightedMean(closer, $0) }
            return finding(.seed(record.seed), share, units: evaluated.units)
        }
        return single + [finding(.allSeeds, scores[.share], units: scores.units)]
    }

    /// All seeds together: the bootstrap draws seeds, demonstrations within a seed, samples within a demonstration.
    func scores(_ context: ProbeContext) -> ChoiceScores {
        ChoiceScores(
            ChoiceDistances.pooled(evaluated.map { ChoiceDistances($0) }),
            bootstrap: HierarchicalBootstrap(
                levels: [
                    zip(records, evaluated).flatMap { [Int](repeating: $0.seed, count: $1.count) },
                    evaluated.flatMap(\.generated.cluster),
                ], resamples: context.resamples, seed: context.seed / "p26" / family / "bootstrap",
                pool: context.pool))
    }

    /// P03's verdict on all seeds; withheld when it is for one of them.
    func verdict(_ scores: ChoiceScores, _ context: ProbeContext) -> Verdict {
        evaluated.lazy.compactMap(context.withheld).first
            ?? MemoryRule.verdict(share: scores[.share], weakerZ: scores.proximity, context.rules)
    }
}
