import Basics

/// The out-of-distribution ladder of P21: what each policy does under each condition but `train`.
///
/// Columns: policy, condition, median d1 with interval beside that of true held-out chunks, median S with interval, the
/// demonstration recalled most often and its share, entropy (nats) and top-2 mass of the recalled demonstrations with
/// what units that recall at random would have (`RandomRecall`), and the share of observations that the lookup table
/// flags (NA where it was not asked; Wilson interval on units).
struct ShiftLadder: Sendable {
    private static let policies = [
        "diffusion_ddpm", "diffusion_ddim", "alt", "behaviour_cloning", "kernel", "pixel_nearest", "memorizer",
        "interpolator", "generalizer",
    ]

    let table: Table

    init(_ context: ProbeContext) {
        var table = Table(columns: [
            "policy", "condition", "d1_median", "d1_low", "d1_high", "d1_heldout", "s_median", "s_low", "s_high",
            "top_demonstration", "top_share", "entropy", "top_2_mass", "top_2_low", "top_2_high", "top_2_random",
            "alt_flagged", "alt_flagged_low", "alt_flagged_high", "n", "unit",
        ])
        let floor = context.heldout.map { SortedSample($0.toTrain.distance.map(Double.init)).quantile(0.5) }
        var chance: [Int: RandomRecall] = [:]
        for policy in Self.policies {
            for evaluated in context.evaluated
            where evaluated.policy == policy && evaluated.condition != GeneratedChunks.Condition.train {
                let medians = NeighbourMedians(evaluated, bootstrap: evaluated.bootstrap("p21", in: context))
                let recalled = RecallHistogram(evaluated, context)
                let random = chance[evaluated.units] ?? RandomRecall(units: evaluated.units, context)
                chance[evaluated.units] = random
                let most = recalled.counts.max() ?? 0
                let top = recalled.counts.firstIndex(of: most).map { evaluated.toTrain.demonstrations[$0] }
                let flagged = Self.flagged(evaluated.condition, context)
                table.append([
                    .text(policy), .text(evaluated.condition), Table.Cell(medians.distance.value),
                    Table.Cell(medians.distance.low), Table.Cell(medians.distance.high), Table.Cell(floor),
                    Table.Cell(medians.score.value), Table.Cell(medians.score.low), Table.Cell(medians.score.high),
                    top.map { .integer($0) } ?? .missing, .number(Double(most) / Double(evaluated.count)),
                    Table.Cell(recalled.entropy.value), Table.Cell(recalled.topTwoMass.value),
                    Table.Cell(recalled.topTwoMass.low), Table.Cell(recalled.topTwoMass.high),
                    Table.Cell(random.topTwoMass.value), Table.Cell(flagged?.value), Table.Cell(flagged?.low),
                    Table.Cell(flagged?.high), .integer(evaluated.units), .text(evaluated.generated.unit),
                ])
            }
        }
        self.table = table
    }

    private static func flagged(_ condition: String, _ context: ProbeContext) -> Estimate? {
        guard let evaluated = context.evaluated("alt", condition) else { return nil }
        let flags = evaluated.generated.outOfDistribution.compactMap { $0 }
        guard !flags.isEmpty else { return nil }
        return Wilson.estimate(share: Double(flags.count { $0 }) / Double(flags.count), count: evaluated.units)
    }
}
