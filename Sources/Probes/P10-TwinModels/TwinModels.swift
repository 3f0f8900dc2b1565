import Basics

/// P10: do twins trained on disjoint halves of the data give the same answer, or each its own demonstrations back?
///
/// Twin A is trained on T, twin B on R (as many demonstrations), and both are asked at the same held-out observations
/// with the same noise (after Kadkhodaie et al. 2024, "Generalization in diffusion models arises from
/// geometry-adaptive harmonic representations"). In A's metric: `agreement` = d(A, B); `own_set` = d(A, T) and d(B, R);
/// `other_set` = d(A, R) and d(B, T); errors to truth. Memory share = P(own_set < agreement) + P(tie)/2, in which twins
/// that agree exactly count for agreement: 1 for a lookup table, 0 for a generaliser.
///
/// Controls: `same_data`, the same distance between policies trained on the same T from different seeds, the floor of
/// disagreement by training noise (where `records` has several seeds); `self_noise`, two samples of A; `heldout`, true
/// held-out chunks to T. The control of the memory share is its bound, 0.5; of the agreement the first of same_data,
/// self_noise and heldout that was measured.
///
/// Verdict of the memory share: `not fitted` or `fit unknown` without a fit (P01) of A, `not fitted` also where B was
/// run on its training observations and has not fitted; `twins recall` when its interval lies above 0.5 and that of
/// the median agreement above the median of same_data, where that was measured; `twins agree` when it lies below 0.5;
/// else `undecided`. Other rows are `measured`.
///
/// `p10_samples`: policy, condition, observation, demonstration, frame, sample, agreement, own_a, own_b, other_a,
/// other_b, error_a, error_b, memory (share of the two twins nearer to their own set). `p10_twins`: policy, condition,
/// measure (agreement, own_set, other_set, error_a, error_b, same_data, self_noise, heldout), median with interval,
/// over_d12, rows, n, n_unit.
public struct TwinModels: Probe {
    public let name = "p10"
    public let title = "twin models on disjoint halves"
    public let needs: Set<Need> = [.twin]
    public let endpoints = [Endpoint.twinMemoryShare, .twinAgreement, .twinOwnSet]
    public let evidence = [.subject, .standIn].map { Evidence(.shown, .c1, [.twinMemoryShare], of: .role($0)) }

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let heldout = try context.requireFloor(name)
        var samples: [TwinSample] = []
        var medians: [TwinRow] = []
        var summary: [SummaryRow] = []
        for evaluated in context.evaluated where evaluated.condition == .heldout {
            guard let twin = context.twin, let other = twin.evaluated(evaluated.policy, .heldout),
                let pairs = try TwinPairs(evaluated, other.generated, context)
            else { continue }
            let measures = try TwinMeasures(pairs, evaluated, heldout: heldout, context)
            samples += TwinSample.rows(pairs, evaluated)
            medians += measures.all.map { TwinRow($0, evaluated, context) }
            summary += summarise(pairs, measures, evaluated, twin, context)
        }
        guard !summary.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "measurements of the twins", expected: "policies under heldout here and trained on the reference",
                remedy: "train the twins")
        }
        return ProbeResult(tables: [TwinSample.table(samples), TwinRow.table(medians)], summary: summary)
    }

    private func summarise(
        _ pairs: TwinPairs, _ measures: TwinMeasures, _ evaluated: EvaluatedChunks, _ twin: ProbeContext,
        _ context: ProbeContext
    ) -> [SummaryRow] {
        let memory = pairs.memory
        let share = context.bootstrap(
            clusters: pairs.cluster, stream: context.seed / name / evaluated.policy / "memory"
        ).estimate { weightedMean(memory, $0) }
        var withheld = context.withheld(evaluated)
        if withheld == nil, let fit = twin.fits[evaluated.policy], !fit.isFitted { withheld = .notFitted }
        let units = Set(pairs.cluster).count, floor = measures.agreementControl
        return [
            Endpoint.twinMemoryShare.row(
                evaluated, share, 0.5, n: units, withheld ?? Self.verdict(share: share, measures)),
            Endpoint.twinAgreement.row(
                evaluated, measures.agreement.overD12(context), control: Control(floor.measure.rawValue),
                floor.overD12(context), n: units),
            Endpoint.twinOwnSet.row(
                evaluated, measures.ownSet.overD12(context), measures.heldout.overD12(context), n: units),
        ]
    }

    private static func verdict(share: Estimate, _ measures: TwinMeasures) -> Verdict {
        if share.lies(below: 0.5) { return .twinsAgree }
        guard share.lies(above: 0.5) else { return .undecided }
        guard let floor = measures.sameData?.median.value else { return .twinsRecall }
        return measures.agreement.median.lies(above: floor) ? .twinsRecall : .undecided
    }
}

extension Endpoint {
    public static let twinMemoryShare = Endpoint(
        "p10_memory_share", "memory share of twins",
        "P(distance to the own training set < distance between twins trained on T and on R) + P(tie) / 2; 1 for a lookup, 0 for a generaliser",
        unit: "share of twins", control: .bound, .raisedByMemory, separatesOracles: true)
    static let twinAgreement = Endpoint(
        "p10_agreement", "agreement of twins",
        "median distance between the sequences of the twins at the same observations and noise, over the median D12",
        unit: "median D12", control: Control(TwinMeasure.sameData.rawValue), .raisedByMemory)
    static let twinOwnSet = Endpoint(
        "p10_own_set", "distance to the own set",
        "median distance of each twin's sequences to its own training set, over the median D12",
        unit: "median D12", control: Control(TwinMeasure.heldout.rawValue), .loweredByMemory)
}
