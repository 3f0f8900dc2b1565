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
/// over_d12, rows, n, unit.
public struct TwinModels: Probe {
    public let name = "p10"
    public let title = "twin models on disjoint halves"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let condition = GeneratedChunks.Condition.heldout
        let heldout = try context.requireFloor(name)
        var samples = Table(columns: [
            "policy", "condition", "observation", "demonstration", "frame", "sample", "agreement", "own_a", "own_b",
            "other_a", "other_b", "error_a", "error_b", "memory",
        ])
        var medians = Table(columns: [
            "policy", "condition", "measure", "value", "ci_low", "ci_high", "over_d12", "rows", "n", "unit",
        ])
        var summary: [SummaryRow] = []
        for twin in context.measurements.twin.prefix(1) {
            for evaluated in context.evaluated where evaluated.condition == condition {
                guard let other = twin.evaluated(evaluated.policy, condition),
                    let pairs = try TwinPairs(evaluated, other.generated, context)
                else { continue }
                append(pairs, evaluated, to: &samples)
                let measures = try TwinMeasures(pairs, evaluated, heldout: heldout, context)
                for measure in measures.all { medians.append(measure.row(evaluated, context)) }
                summary += summarise(pairs, measures, evaluated, twin, context)
            }
        }
        guard !summary.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "measurements of the twins", expected: "policies under heldout here and trained on the reference",
                remedy: "train the twins")
        }
        return ProbeResult(tables: [("p10_samples", samples), ("p10_twins", medians)], summary: summary)
    }

    private func append(_ pairs: TwinPairs, _ evaluated: EvaluatedChunks, to table: inout Table) {
        let generated = evaluated.generated
        let memory = pairs.memory
        for (pair, row) in pairs.rows.enumerated() {
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                .integer(generated.sample[row]), Table.Cell(pairs.agreement[pair]), Table.Cell(pairs.own.a[pair]),
                Table.Cell(pairs.own.b[pair]), Table.Cell(pairs.other.a[pair]), Table.Cell(pairs.other.b[pair]),
                pairs.error.map { Table.Cell($0.a[pair]) } ?? .missing,
                pairs.error.map { Table.Cell($0.b[pair]) } ?? .missing, .number(memory[pair]),
            ])
        }
    }

    private func summarise(
        _ pairs: TwinPairs, _ measures: TwinMeasures, _ evaluated: EvaluatedChunks, _ twin: ProbeContext,
        _ context: ProbeContext
    ) -> [SummaryRow] {
        let memory = pairs.memory
        let share = context.bootstrap(
            clusters: pairs.cluster, stream: context.seed / name / evaluated.policy / "memory"
        ).estimate { weightedMean(memory, $0) }
        func row(
            _ endpoint: String, _ estimate: Estimate, control: String, _ controlValue: Double?, _ verdict: Verdict
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate,
                n: Set(pairs.cluster).count, unit: evaluated.generated.unit, control: control,
                controlValue: controlValue, verdict: verdict)
        }
        var withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy])
        if withheld == nil, let fit = twin.fits[evaluated.policy], !fit.isFitted { withheld = .notFitted }
        let verdict = withheld ?? Self.verdict(share: share, measures)
        let floor = measures.agreementControl
        return [
            row("p10_memory_share", share, control: "bound", 0.5, verdict),
            row(
                "p10_agreement", measures.agreement.overD12(context), control: floor.name,
                floor.overD12(context).value, .measured),
            row(
                "p10_own_set", measures.ownSet.overD12(context), control: measures.heldout.name,
                measures.heldout.overD12(context).value, .measured),
        ]
    }

    private static func verdict(share: Estimate, _ measures: TwinMeasures) -> Verdict {
        if share.lies(below: 0.5) { return .twinsAgree }
        guard share.lies(above: 0.5) else { return .undecided }
        guard let floor = measures.sameData?.median.value else { return .twinsRecall }
        return measures.agreement.median.lies(above: floor) ? .twinsRecall : .undecided
    }
}
