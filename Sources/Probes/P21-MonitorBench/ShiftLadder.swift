import Basics

/// The out-of-distribution ladder of P21: what each policy does under each condition but `train`.
struct ShiftLadder: Sendable {
    /// A row of `p21_ladder`.
    ///
    /// Columns: policy, condition, median d1 with interval beside that of true held-out chunks, median S with interval,
    /// the demonstration recalled most often and its share, entropy (nats) and top-2 mass of the recalled demonstrations
    /// with what units that recall at random would have (`RandomRecall`), and the share of observations that the lookup
    /// table flags (NA where it was not asked; Wilson interval on units).
    struct Rung: ProbeTable {
        static let name = "p21_ladder"
        var policy = ""
        var condition = Condition("")
        var distance = Estimate(value: nil)
        var heldoutDistance: Double?
        var score = Estimate(value: nil)
        var topDemonstration = NamedDemonstration()
        var topShare = 0.0
        var entropy: Double?
        var topTwoMass = Estimate(value: nil)
        var randomTopTwoMass: Double?
        var flagged = Estimate(value: nil)
        var n = 0
        var unit = ""

        static var columns: [Column<Rung>] {
            [
                Column("policy", \.policy), Column("condition", \.condition),
                .interval("d1_median", "d1_low", "d1_high", \.distance), Column("d1_heldout", \.heldoutDistance),
                .interval("s_median", "s_low", "s_high", \.score), .demonstration("top_", \.topDemonstration),
                Column("top_share", \.topShare), Column("entropy", \.entropy),
                .interval("top_2_mass", "top_2_low", "top_2_high", \.topTwoMass),
                Column("top_2_random", \.randomTopTwoMass), .bounds("alt_flagged", \.flagged), Column("n", \.n),
                Column("n_unit", \.unit),
            ]
        }
    }

    let rungs: [Rung]

    private static let roles: [PolicyRole] = [.subject, .sampler, .table, .learned, .kernel, .pixels] + PolicyRole.oracles

    init(_ context: ProbeContext) {
        let floor = context.heldout.map { SortedSample($0.toTrain.distance.map(Double.init)).quantile(0.5) }
        let asked = context.evaluated.filter { $0.condition != .train }
        let flagged = Dictionary(
            uniqueKeysWithValues: Set(asked.map(\.condition)).map { ($0, Self.flagged($0, context)) })
        var chance: [Int: RandomRecall] = [:]
        var rungs: [Rung] = []
        for role in Self.roles {
            for evaluated in asked where evaluated.policy.role == role {
                let medians = NeighbourMedians(evaluated, bootstrap: context.bootstrap(of: evaluated, "p21"))
                let recalled = RecallHistogram(evaluated, context)
                let random = chance[evaluated.units] ?? RandomRecall(units: evaluated.units, context)
                chance[evaluated.units] = random
                let most = recalled.counts.max() ?? 0
                rungs.append(
                    Rung(
                        policy: evaluated.policy.name, condition: evaluated.condition, distance: medians[.distance],
                        heldoutDistance: floor, score: medians[.score],
                        topDemonstration: context.train.names[recalled.counts.firstIndex(of: most).map { evaluated.toTrain.demonstrations[$0] }],
                        topShare: Double(most) / Double(evaluated.count), entropy: recalled.concentration[.entropy].value,
                        topTwoMass: recalled.concentration[.topTwoMass],
                        randomTopTwoMass: random.concentration[.topTwoMass].value,
                        flagged: flagged[evaluated.condition] ?? Estimate(value: nil), n: evaluated.units,
                        unit: evaluated.generated.unit))
            }
        }
        self.rungs = rungs
    }

    /// Share of observations that the lookup table flags.
    private static func flagged(_ condition: Condition, _ context: ProbeContext) -> Estimate {
        guard let evaluated = context.evaluated(.table, condition) else { return Estimate(value: nil) }
        let flags = evaluated.generated.outOfDistribution.compactMap { $0 }
        guard !flags.isEmpty else { return Estimate(value: nil) }
        return Wilson.estimate(share: Double(flags.count { $0 }) / Double(flags.count), count: evaluated.units)
    }
}
