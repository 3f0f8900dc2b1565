import Basics

/// The part of P05 about one policy under one condition: a fit per timestep and the estimates over demonstrations.
struct DenoiserComparison: Sendable {
    /// Over timesteps with ᾱ < 0.9; without a value where there is none.
    enum Statistic: CaseIterable, Sendable {
        /// Mean and smallest R² of the exact denoiser.
        case explained, worst
        /// Mean R² of the unconditional one.
        case unconditional
        /// exp(entropy of w), of both.
        case effective, unconditionalEffective
        /// R² of the unconditional denoiser minus that of the one over the reference chunks.
        case ownMinusReference
        /// Median over the nearest-neighbour distance.
        case bandwidth
        /// R² of the exact denoiser minus R² of the one that knows the true chunk; without a value where there is no truth.
        case exactMinusTruth
    }

    let policy: PolicyID
    let condition: Condition
    /// By timestep, ascending.
    let fits: [ExactDenoiserFit]
    /// R² of each fit.
    let explained: [Estimate]
    let units: Int
    private let estimates: Named<Statistic, Estimate>

    subscript(statistic: Statistic) -> Estimate { estimates[statistic] }

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
        let counted = fits.filter(\.isCounted)
        @Sendable func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let bootstrap = context.bootstrap(
            units: demonstrations.count,
            seed: context.seed / "p05" / answers.policy / answers.condition / "bootstrap")
        estimates = bootstrap.estimates { weights in
            let own = counted.map { $0.rSquared($0.exact, weights) }
            let unconditional = counted.map { $0.rSquared($0.unconditional, weights) }
            let other = counted.compactMap { fit in fit.reference.map { fit.rSquared($0, weights) } }
            let truth = counted.compactMap { fit in fit.truth.map { fit.rSquared($0, weights) } }
            return [
                Statistic.explained: mean(own), .worst: own.min() ?? .nan, .unconditional: mean(unconditional),
                .effective: mean(counted.map { $0.mean($0.effective, weights) }),
                .unconditionalEffective: mean(counted.map { $0.mean($0.unconditionalEffective, weights) }),
                .ownMinusReference: other.count == counted.count ? mean(unconditional) - mean(other) : .nan,
                .bandwidth: SortedSample(counted.map { $0.gridBandwidth(weights) }).quantile(0.5),
                .exactMinusTruth: truth.count == counted.count ? mean(own) - mean(truth) : .nan,
            ]
        }
        explained = bootstrap.estimates { weights in fits.map { $0.rSquared($0.exact, weights) } }
        policy = answers.policy
        condition = answers.condition
        self.fits = fits
        units = demonstrations.count
    }

    /// The refined bandwidth with the interval of the grid's.
    private var bandwidth: Estimate {
        let counted = fits.filter(\.isCounted)
        let refined = SortedSample(counted.map { min($0.bandwidth, ExactDenoiserFit.largest) }).quantile(0.5)
        let grid = self[.bandwidth]
        return Estimate(
            value: refined.isFinite ? refined : nil, low: grid.low.map { min($0, refined) },
            high: grid.high.map { max($0, refined) })
    }

    /// - Parameter untrained: the untrained network under the same condition.
    func summary(untrained: DenoiserComparison?, _ context: ProbeContext) -> [SummaryRow] {
        guard self[.explained].value != nil else { return [] }
        func row(
            _ endpoint: Endpoint, _ estimate: Estimate, control: Control? = nil, _ controlEstimate: Estimate,
            _ verdict: Verdict = .measured
        ) -> SummaryRow {
            endpoint.row(policy.name, condition, estimate, control: control, controlEstimate, n: units, verdict)
        }
        let withheld = Verdict.withheld(condition: condition, fit: context.fits[policy])
        let control = untrained.flatMap { untrained in
            untrained[.explained].value.map { _ in (name: Control(untrained.policy.name), value: untrained[.explained]) }
        }
        let unconditional = control?.value ?? self[.unconditional]
        let null = Estimate(value: 0)
        return [
            row(.explainedVariance, self[.explained], control: control?.name, unconditional, withheld ?? verdict(context.rules)),
            row(.worstExplainedVariance, self[.worst], control: control?.name, unconditional),
            row(.exactMinusTruth, self[.exactMinusTruth], null),
            row(.denoiserBandwidth, bandwidth, Estimate(value: context.rules.bandwidth)),
            row(.effectiveChunks, self[.effective], self[.unconditionalEffective]),
        ] + (self[.ownMinusReference].value == nil ? [] : [row(.ownMinusReference, self[.ownMinusReference], null)])
    }

    /// What the three endpoints say together.
    private func verdict(_ rules: DecisionRules) -> Verdict {
        let readings = [
            Endpoint.explainedVariance.reading(self[.explained], rules),
            Endpoint.exactMinusTruth.reading(self[.exactMinusTruth], rules),
            Endpoint.denoiserBandwidth.reading(bandwidth, rules),
        ]
        if readings.contains(.contradicts) { return .notLookup }
        return readings.allSatisfy { $0 == .supports } ? .lookup : .undecided
    }

    /// Of `p05_fit`.
    /// - Parameter spacing: the median nearest-neighbour distance.
    func rows(spacing: Double) -> [DenoiserFitRow] {
        let once = [Double](repeating: 1, count: units)
        return zip(fits, explained).map { fit, estimate in
            DenoiserFitRow(
                policy: policy.name, condition: condition, timestep: fit.timestep, alphaBar: fit.alphaBar,
                bandwidth: Bandwidth(fit.bandwidth.isFinite ? fit.bandwidth * spacing : fit.bandwidth),
                bandwidthOverSpacing: Bandwidth(fit.bandwidth), explained: estimate,
                unconditional: fit.rSquared(fit.unconditional, once), truth: fit.truth.map { fit.rSquared($0, once) },
                reference: fit.reference.map { fit.rSquared($0, once) }, effective: fit.mean(fit.effective, once),
                rows: Int(fit.count.reduce(0, +)))
        }
    }

    /// Of `p05_grid`.
    var gridRows: [BandwidthRow] {
        let once = [Double](repeating: 1, count: units)
        return fits.flatMap { fit in
            let tried = fit.gridErrors.count > 1 ? ExactDenoiserFit.grid + [.infinity] : [.infinity]
            return zip(tried, fit.gridErrors).map { value, errors in
                BandwidthRow(
                    policy: policy.name, condition: condition, timestep: fit.timestep, bandwidth: Bandwidth(value),
                    explained: fit.rSquared(errors, once))
            }
        }
    }
}
