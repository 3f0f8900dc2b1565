import Basics

/// P08: do images that have nothing to do with the task make a policy fall back on one or two demonstrations?
///
/// Every generated chunk recalls the demonstration of its nearest training chunk, e(i1). Per policy and condition
/// other than `train`: entropy (nats) of the histogram of recalled demonstrations and the mass of its top two, with
/// intervals. `heldout` is in the table as the comparison in distribution.
///
/// Control: `random_train`, the same number when each independent unit recalls a demonstration drawn in proportion to
/// its training chunks (with few units the top two of a uniform draw are already large), its mean and 95 % range; and
/// the policy's own recall of the blank image with varying poses.
///
/// Verdict of the top-2 mass, on every condition but `heldout`: `not fitted` or `fit unknown` without a fit (P01);
/// `fallback` when the interval lies above 0.8 and above the 97.5 % point of `random_train`; `no fallback` when it
/// lies below 0.8; else `undecided`. Entropy and `heldout` rows are `measured`. One run is one training seed: C4 asks
/// for most seeds.
///
/// `p08_histogram`: policy, condition, demonstration, count, share, random_train_share. `p08_controls`: policy,
/// condition, measure (entropy, top_2_mass), value with interval, random_train with range, blank, heldout.
public struct NonsenseFallback: Probe {
    public let name = "p08"
    public let title = "fallback on nonsense images"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under a condition other than train") {
            $0.condition != GeneratedChunks.Condition.train
        }
        let measured = rows.map { RecallHistogram($0, context) }
        let chance = rows.map { RandomRecall(units: $0.units, context) }
        var histogram = Table(columns: [
            "policy", "condition", "demonstration", "count", "share", "random_train_share",
        ])
        var controls = Table(columns: [
            "policy", "condition", "measure", "value", "ci_low", "ci_high", "random_train", "random_train_low",
            "random_train_high", "blank", "heldout",
        ])
        var summary: [SummaryRow] = []
        for (index, evaluated) in rows.enumerated() {
            let own = measured[index]
            let random = chance[index]
            for (column, demonstration) in evaluated.toTrain.demonstrations.enumerated() {
                histogram.append([
                    .text(evaluated.policy), .text(evaluated.condition), .integer(demonstration),
                    .integer(own.counts[column]), .number(Double(own.counts[column]) / Double(evaluated.count)),
                    .number(random.shares[column]),
                ])
            }
            func other(_ condition: String) -> RecallHistogram? {
                rows.firstIndex { $0.policy == evaluated.policy && $0.condition == condition }.map { measured[$0] }
            }
            let blank = other(GeneratedChunks.Condition.blank)
            let heldout = other(GeneratedChunks.Condition.heldout)
            func append(
                _ measure: String, _ value: Estimate, _ random: Estimate, _ part: KeyPath<RecallHistogram, Estimate>
            ) {
                controls.append([
                    .text(evaluated.policy), .text(evaluated.condition), .text(measure), Table.Cell(value.value),
                    Table.Cell(value.low), Table.Cell(value.high), Table.Cell(random.value), Table.Cell(random.low),
                    Table.Cell(random.high), Table.Cell(blank?[keyPath: part].value),
                    Table.Cell(heldout?[keyPath: part].value),
                ])
            }
            append("entropy", own.entropy, random.entropy, \.entropy)
            append("top_2_mass", own.topTwoMass, random.topTwoMass, \.topTwoMass)
            summary += summarise(evaluated, own, random, context)
        }
        return ProbeResult(
            tables: [("p08_histogram", histogram), ("p08_controls", controls)], summary: summary)
    }

    private func summarise(
        _ evaluated: EvaluatedChunks, _ own: RecallHistogram, _ random: RandomRecall, _ context: ProbeContext
    ) -> [SummaryRow] {
        func row(_ endpoint: String, _ estimate: Estimate, _ control: Estimate, _ verdict: Verdict) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate, n: evaluated.units,
                unit: evaluated.generated.unit, control: "random_train", controlValue: control.value, verdict: verdict)
        }
        return [
            row("p08_entropy", own.entropy, random.entropy, .measured),
            row("p08_top_2_mass", own.topTwoMass, random.topTwoMass, verdict(evaluated, own, random, context)),
        ]
    }

    private func verdict(
        _ evaluated: EvaluatedChunks, _ own: RecallHistogram, _ random: RandomRecall, _ context: ProbeContext
    ) -> Verdict {
        guard evaluated.condition != GeneratedChunks.Condition.heldout else { return .measured }
        if let withheld = Verdict.withheld(condition: evaluated.condition, fit: context.fits[evaluated.policy]) {
            return withheld
        }
        if own.topTwoMass.lies(below: context.rules.topTwoMass) { return .noFallback }
        let bar = max(context.rules.topTwoMass, random.topTwoMass.high ?? 1)
        return own.topTwoMass.lies(above: bar) ? .fallback : .undecided
    }
}
