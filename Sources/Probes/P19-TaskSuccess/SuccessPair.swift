import Basics

/// Two policies on the starts that both have: the table with the sampler as the procedure says, all others against these two
/// as secondary comparisons.
struct SuccessPair {
    let first, second: PolicyEpisodes
    let comparison: SuccessComparison
    let isPrimary: Bool
    /// McNemar's p under Holm's correction over the secondary comparisons; the plain p of the primary one.
    var adjustedP: Double

    static func all(_ policies: [PolicyEpisodes], _ context: ProbeContext) -> [SuccessPair] {
        let table = policies.first { $0.policy.role == .table }
        // An audited policy has its own sampler alone where no faster one is known; a study with a fast sampler compares none but that.
        let hasSampler = context.generated.contains { $0.policy.role == .sampler }
        let sampler = policies.first { $0.policy.role == (hasSampler ? .sampler : .subject) } ?? policies.first { $0.policy.role == .sampler }
        var pairs: [SuccessPair] = []
        func add(_ first: PolicyEpisodes, _ second: PolicyEpisodes, isPrimary: Bool) {
            let (own, other) = first.paired(second)
            guard !own.isEmpty else { return }
            let comparison = SuccessComparison(first: own, second: other, margin: context.rules.equivalenceMargin)
            pairs.append(
                SuccessPair(
                    first: first, second: second, comparison: comparison, isPrimary: isPrimary, adjustedP: comparison.pairs.mcNemarP))
        }
        if let table, let sampler { add(table, sampler, isPrimary: true) }
        for other in policies {
            if let table, other.policy != table.policy, other.policy != sampler?.policy { add(table, other, isPrimary: false) }
            if let sampler, other.policy != sampler.policy, other.policy != table?.policy { add(other, sampler, isPrimary: false) }
        }
        let secondary = pairs.indices.filter { !pairs[$0].isPrimary }
        for (place, p) in zip(secondary, Holm.adjusted(secondary.map { pairs[$0].comparison.pairs.mcNemarP })) {
            pairs[place].adjustedP = p
        }
        return pairs
    }

    /// Secondary comparisons have one look: they differ when the corrected p says so.
    var verdict: Verdict {
        let isMore = comparison.pairs.difference > 0
        guard isPrimary else {
            if adjustedP < 0.05 { return isMore ? .better : .worse }
            return comparison.verdict == .equivalent ? .equivalent : .undecided
        }
        switch comparison.verdict {
        case .different: return isMore ? .better : .worse
        case .equivalent: return .equivalent
        case .undecided: return .undecided
        }
    }

    func rows(_ rules: DecisionRules) -> [SummaryRow] {
        let pairs = comparison.pairs
        var row = Endpoint.successDifference.row(
            first.policy.name, .closedLoop, pairs.interval95, control: Control(second.policy.name),
            Estimate(value: Double(pairs.successesSecond) / Double(pairs.count)), n: pairs.count, unit: "start", verdict)
        row.against = isPrimary ? .sampler : second.policy.role
        guard first.policy.role == .table, second.policy.role == .pixels else { return [row] }
        var above = row
        above.endpoint = .successAbovePixels
        return [row, above]
    }

    var row: PairRow {
        var row = PairRow()
        let pairs = comparison.pairs
        (row.policy, row.against) = (first.policy.name, second.policy.name)
        row.isPrimary = isPrimary
        (row.n, row.successes, row.successesAgainst) = (pairs.count, pairs.successesFirst, pairs.successesSecond)
        (row.onlyPolicy, row.onlyAgainst) = (pairs.onlyFirst, pairs.onlySecond)
        (row.interval95, row.interval90) = (pairs.interval95, pairs.interval90.alone(of: pairs))
        (row.p, row.adjustedP) = (pairs.mcNemarP, adjustedP)
        (row.eValue, row.decisionBundle) = (comparison.largestEValue, comparison.decisionBundle)
        row.confidence = comparison.confidenceSequence
        row.detectable = pairs.smallestDetectableDifference
        row.verdict = verdict
        return row
    }
}

extension Estimate {
    /// The ends alone: the value stands in another column.
    fileprivate func alone(of pairs: PairedSuccess) -> Estimate { Estimate(value: pairs.difference, low: low, high: high) }
}

/// A row of `p19_pairs`: success of a policy minus that of another, on the same starts.
struct PairRow: ProbeTable {
    static let name = "p19_pairs"
    var policy = "", against = ""
    var isPrimary = false
    var n = 0, successes = 0, successesAgainst = 0
    /// Starts on which only one of them succeeds.
    var onlyPolicy = 0, onlyAgainst = 0
    /// Tango's score intervals.
    var interval95 = Estimate(value: nil), interval90 = Estimate(value: nil)
    /// Exact McNemar, and under Holm's correction.
    var p = 1.0, adjustedP = 1.0
    /// The largest capital of the betting process, and the bundles read.
    var eValue = 1.0
    var decisionBundle = 0
    /// Of the difference, at any time 95 %.
    var confidence = Estimate(value: nil)
    /// The smallest difference that so many starts find with a power of 80 %.
    var detectable: Double?
    var verdict = Verdict.undecided

    static var columns: [Column<PairRow>] {
        [
            Column("policy", \.policy), Column("against", \.against), Column("primary", \.isPrimary), Column("n", \.n),
            Column("successes", \.successes), Column("successes_against", \.successesAgainst),
            Column("only_policy", \.onlyPolicy), Column("only_against", \.onlyAgainst),
            .interval("difference", "tango95_low", "tango95_high", \.interval95),
            Column("tango90_low", \.interval90.low), Column("tango90_high", \.interval90.high), Column("mcnemar_p", \.p),
            Column("holm_p", \.adjustedP), Column("e_value", \.eValue), Column("decision_bundle", \.decisionBundle),
            Column("sequence_low", \.confidence.low), Column("sequence_high", \.confidence.high),
            Column("detectable", \.detectable), Column("verdict", \.verdict),
        ]
    }
}

/// Success of a method minus that of another. A claim about the method rests on its training seeds: the differences on the
/// same starts are resampled over the seeds, then over the starts of each.
struct MethodDifference {
    let row: SummaryRow

    /// The other methods on the observations of the low-dim policies, of which there are several seeds, against these.
    static func all(_ policies: [PolicyEpisodes], _ context: ProbeContext) -> [MethodDifference] {
        let seeds = policies.filter { $0.policy.role == .standIn || $0.policy.role == .standInSeed }
        guard seeds.count > 1, let name = seeds.first?.family else { return [] }
        let others = policies.filter { $0.policy.role == .standInLearned || $0.policy.role == .standInTable }
        return others.compactMap { other in
            let differences = seeds.map { seed in
                let (own, theirs) = other.paired(seed)
                return zip(own, theirs).map { Double(($0 ? 1 : 0) - ($1 ? 1 : 0)) }
            }
            let values = differences.flatMap { $0 }
            guard !values.isEmpty else { return nil }
            let clusters = differences.enumerated().flatMap { [Int](repeating: $0, count: $1.count) }
            let difference = context.bootstrap(clusters: clusters, stream: context.seed / "p19" / "method" / other.policy)
                .estimate { weightedMean(values, $0) }
            return MethodDifference(
                row: Endpoint.methodDifference.row(
                    other.family, .closedLoop, difference, control: Control(name),
                    Estimate(value: seeds.reduce(0) { $0 + $1.share } / Double(seeds.count)), n: seeds.count, unit: "training seed",
                    difference.lies(above: 0) ? .better : difference.lies(below: 0) ? .worse : .undecided))
        }
    }
}
