import Basics
import Foundation

/// The part of P05 about one policy under one condition: a fit per timestep and the estimates over demonstrations.
struct DenoiserComparison: Sendable {
    let policy: String
    let condition: String
    /// By timestep, ascending.
    let fits: [ExactDenoiserFit]
    let rSquaredByTimestep: [Estimate]
    /// Over timesteps with ᾱ < 0.9; without a value where there is none.
    let rSquared: Estimate
    let worst: Estimate
    let unconditional: Estimate
    let bandwidth: Estimate
    let effective: Estimate
    let unconditionalEffective: Estimate
    let ownMinusReference: Estimate
    /// R² of the exact denoiser minus R² of the one that knows the true chunk; without a value where there is no truth.
    let exactMinusTruth: Estimate
    let units: Int

    init(_ answers: DenoiserAnswers, squaredDistances: [[Float]]?, _ context: ProbeContext) {
        let demonstrations = Set(answers.cluster).sorted()
        let columns = Dictionary(uniqueKeysWithValues: demonstrations.enumerated().map { ($1, $0) })
        var source = RandomSource(context.seed / "p05" / "halves")
        var secondHalf = [Bool](repeating: false, count: demonstrations.count)
        for column in source.permutation(demonstrations.count).prefix(demonstrations.count / 2) {
            secondHalf[column] = true
        }
        let rows = Dictionary(grouping: 0..<answers.count) { answers.timestep[$0] }
        let denoiser = ExactDenoiser(chunks: context.train.values, width: context.train.width)
        let reference = context.reference.map { ExactDenoiser(chunks: $0.values, width: $0.width) }
        let truth = ConditionTruth(answers.condition, context)
        let fits = rows.keys.sorted().map { timestep in
            let selected = rows[timestep] ?? []
            return ExactDenoiserFit(
                ExactDenoiserFit.Rows(
                    answers: answers, selected: selected,
                    demonstration: selected.compactMap { columns[answers.cluster[$0]] }, secondHalf: secondHalf,
                    denoiser: denoiser, reference: reference, squaredDistances: squaredDistances, truth: truth),
                pool: context.pool)
        }
        let counted = fits.filter { $0.alphaBar < ExactDenoiserComparison.largestAlphaBar }
        @Sendable func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let bootstrap = HierarchicalBootstrap(
            levels: [], rowCount: demonstrations.count, resamples: context.resamples,
            seed: context.seed / "p05" / answers.policy / answers.condition / "bootstrap", pool: context.pool)
        let estimates = bootstrap.estimates { weights in
            let own = counted.map { $0.rSquared($0.exact, weights) }
            let unconditional = counted.map { $0.rSquared($0.unconditional, weights) }
            let other = counted.compactMap { fit in fit.reference.map { fit.rSquared($0, weights) } }
            let truth = counted.compactMap { fit in fit.truth.map { fit.rSquared($0, weights) } }
            return [
                mean(own), own.min() ?? .nan, mean(unconditional),
                mean(counted.map { $0.mean($0.effective, weights) }),
                mean(counted.map { $0.mean($0.unconditionalEffective, weights) }),
                other.count == counted.count ? mean(unconditional) - mean(other) : .nan,
                SortedSample(counted.map { $0.gridBandwidth(weights) }).quantile(0.5),
                truth.count == counted.count ? mean(own) - mean(truth) : .nan,
            ] + fits.map { $0.rSquared($0.exact, weights) }
        }
        policy = answers.policy
        condition = answers.condition
        self.fits = fits
        rSquared = estimates[0]
        worst = estimates[1]
        unconditional = estimates[2]
        effective = estimates[3]
        unconditionalEffective = estimates[4]
        ownMinusReference = estimates[5]
        let refined = SortedSample(counted.map { min($0.bandwidth, ExactDenoiserFit.largest) }).quantile(0.5)
        bandwidth = Estimate(
            value: refined.isFinite ? refined : nil, low: estimates[6].low.map { min($0, refined) },
            high: estimates[6].high.map { max($0, refined) })
        exactMinusTruth = estimates[7]
        rSquaredByTimestep = Array(estimates.dropFirst(8))
        units = demonstrations.count
    }

    /// Rows of `p05_fit` and `p05_grid`.
    func append(to table: inout Table, grid: inout Table, spacing: Double) {
        func bandwidth(_ value: Double) -> Table.Cell { value.isFinite ? .number(value) : "inf" }
        for (fit, estimate) in zip(fits, rSquaredByTimestep) {
            let once = [Double](repeating: 1, count: units)
            table.append([
                .text(policy), .text(condition), .integer(fit.timestep), .number(fit.alphaBar),
                bandwidth(fit.bandwidth * (fit.bandwidth.isFinite ? spacing : 1)), bandwidth(fit.bandwidth),
                Table.Cell(estimate.value), Table.Cell(estimate.low), Table.Cell(estimate.high),
                .number(fit.rSquared(fit.unconditional, once)), Table.Cell(fit.truth.map { fit.rSquared($0, once) }),
                Table.Cell(fit.reference.map { fit.rSquared($0, once) }), .number(fit.mean(fit.effective, once)),
                .integer(Int(fit.count.reduce(0, +))),
            ])
            let tried = fit.gridErrors.count > 1 ? ExactDenoiserFit.grid + [.infinity] : [.infinity]
            for (value, errors) in zip(tried, fit.gridErrors) {
                grid.append([
                    .text(policy), .text(condition), .integer(fit.timestep), bandwidth(value),
                    .number(fit.rSquared(errors, once)),
                ])
            }
        }
    }

    /// - Parameter random: R² of the untrained network under the same condition.
    func summary(random: Double?, _ context: ProbeContext) -> [SummaryRow] {
        guard rSquared.value != nil else { return [] }
        func row(
            _ endpoint: String, _ estimate: Estimate, _ control: String, _ value: Double?, _ verdict: Verdict = .measured
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: policy, condition: condition, estimate, n: units, unit: "demonstration",
                control: control, controlValue: value, verdict: verdict)
        }
        let withheld = Verdict.withheld(condition: condition, fit: context.fits[policy])
        let (control, value) = random.map { ("random_init", $0) } ?? ("unconditional", unconditional.value)
        return [
            row("p05_r_squared", rSquared, control, value, withheld ?? verdict(context.rules)),
            row("p05_r_squared_worst", worst, control, value),
            row("p05_exact_minus_truth", exactMinusTruth, "null", 0),
            row("p05_bandwidth_over_nn", bandwidth, "bound", context.rules.bandwidth),
            row("p05_effective_chunks", effective, "unconditional", unconditionalEffective.value),
        ] + (ownMinusReference.value == nil ? [] : [row("p05_own_minus_reference", ownMinusReference, "null", 0)])
    }

    func verdict(_ rules: DecisionRules) -> Verdict {
        if rSquared.lies(below: rules.rSquared) || exactMinusTruth.lies(below: 0) { return .notLookup }
        guard rSquared.lies(above: rules.rSquared), exactMinusTruth.value == nil || exactMinusTruth.lies(above: 0),
            let bandwidth = bandwidth.value
        else { return .undecided }
        return bandwidth <= rules.bandwidth ? .lookup : .undecided
    }
}
