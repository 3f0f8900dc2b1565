import Basics

/// P05: is a learned denoiser the exact minimiser of its own loss over the training chunks, a soft table keyed by the
/// observation?
///
/// D(x, t) = Σ w_i a_i, log w_i = -‖x - √ᾱ a_i‖² / 2(1 - ᾱ) - d_i² / 2h² (`ExactDenoiser`; of a process that mixes data and noise
/// otherwise, its own a and b in place of √ᾱ and √(1 - ᾱ), and ᾱ means a² / (a² + b²)), a_i the training chunks in normalised units, d_i the distance of the observation to training window i in the space of the policy's own encoder,
/// else in the first one; without any space h is infinite. The demonstrations are cut in two halves. Per timestep h(t)
/// minimises Σ ‖learned - D‖² on one half, over 25 bandwidths from 0.05 to 20 median nearest-neighbour distances and
/// infinity, refined by golden sections, and the other half is explained with it; then the halves change places, and
/// both halves' sums are added: R²(t) = 1 - Σ ‖learned - D‖² / Σ ‖learned - mean of learned at t‖². Intervals resample
/// demonstrations at the fitted h.
///
/// At small t everything explains everything: x_t is nearly the true chunk and every denoiser returns it. The summary
/// is therefore over timesteps with ᾱ < 0.9; the table has all.
///
/// Beside it: R² of the unconditional denoiser (h = ∞), of the one that knows the true chunk, and of the unconditional
/// one over the REFERENCE chunks (observation distances to them are not measured, so own minus reference compares
/// unconditional forms). Effective chunks = exp(entropy of w), mean over rows. Control: the untrained network where it was
/// asked, else the unconditional denoiser; for the bandwidth its bound, for effective chunks the unconditional number. The
/// half-trained network is a policy of its own.
///
/// A high R² alone shows nothing: x_t gives the true chunk away, and with few phases of one task a denoiser that knows
/// the truth reaches as much. `p05_exact_minus_truth`, R² of the exact denoiser minus R² of the one that knows the true
/// chunk, is what tells a table from a policy that generalises.
///
/// Verdict of `p05_r_squared` (mean over timesteps), from the criteria of three endpoints: withheld without a fit (P01);
/// `not a lookup` when one of them contradicts: its own interval lies below 0.8, that of exact minus truth below 0, or that
/// of the bandwidth, the median over timesteps, above 1 nearest-neighbour distance; `lookup` when all three support: above
/// 0.8, above 0 and at most 1; else `undecided`, so also wherever there is no true chunk. `p05_bandwidth_over_nn` reads an
/// infinite bandwidth as 20, and its interval is that of the grid's bandwidth. Other rows are `measured`.
///
/// A soft table is a table here too: a kernel mean whose bandwidth is one nearest-neighbour distance passes as a `lookup`.
/// The effective chunks and P07 tell it from a hard one.
///
/// `p05_fit`: policy, condition, timestep, alpha_bar, h and h_over_nn (NA for infinite, the unconditional denoiser), r_squared with interval,
/// r_squared_unconditional, r_squared_truth, r_squared_reference, effective_sequences, rows. `p05_grid`: policy, condition,
/// timestep, h_over_nn, r_squared_fit_half (each half at every bandwidth, both added).
public struct ExactDenoiserComparison: Probe {
    public let name = "p05"
    public let title = "learned against exact denoiser"
    public let needs: Set<Need> = [.spaces, .denoisers]
    public let endpoints = [
        Endpoint.explainedVariance, .worstExplainedVariance, .exactMinusTruth, .denoiserBandwidth, .effectiveChunks,
        .ownMinusReference,
    ]
    public let evidence = [
        Evidence(.decides, .c2, [.explainedVariance, .exactMinusTruth, .denoiserBandwidth]),
        Evidence(.shown, .c2, [.effectiveChunks]),
    ]

    /// Timesteps with a larger ᾱ are left out of the summary.
    static let largestAlphaBar = 0.9

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? {
        guard data.query.demonstrations > 1 else {
            return "it fits on one half of the query demonstrations and tests on the other, and there is 1"
        }
        return data.reasonWithoutDistances
    }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let answers = context.measurements[DenoiserAnswers.self]
        guard !answers.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "denoiser answers", expected: "at least one policy",
                remedy: "ask the denoisers at held-out observations")
        }
        let spaces = context.measurements.spaces
        let space = spaces.first { $0.space == .subjectEncoder } ?? spaces.first
        let spacing =
            space?.neighbourSpacing(demonstration: context.train.demonstration, pool: context.pool) ?? 0
        var distances: [Condition: [[Float]]] = [:]
        for condition in Set(answers.map(\.condition)) where spacing > 0 {
            let scale = Float(1 / (spacing * spacing))
            distances[condition] = space?.squaredDistances(condition, pool: context.pool)?
                .map { $0.map { $0 * scale } }
        }
        let compared = try answers.map { answers in
            let distances = distances[answers.condition]
            try answers.validate(width: context.train.width, observations: distances?.count)
            return DenoiserComparison(answers, squaredDistances: distances, context)
        }
        return ProbeResult(
            tables: [
                DenoiserFitRow.table(compared.flatMap { $0.rows(spacing: spacing) }),
                BandwidthRow.table(compared.flatMap(\.gridRows)),
            ],
            summary: compared.flatMap { comparison in
                let untrained = compared.first { $0.policy.role == .untrained && $0.condition == comparison.condition }
                return comparison.summary(untrained: untrained, context)
            })
    }
}

extension Endpoint {
    static let explainedVariance = Endpoint(
        "p05_r_squared", "R² of the exact denoiser",
        "1 - sum |learned - exact|² / sum |learned - mean|² at noise levels that do not give the answer away: how much of the learned denoiser the exact minimiser of its loss explains, mean over noise levels",
        unit: "R²", control: Control("unconditional"), .raisedByMemory,
        criterion: { .above($0.rSquared) })
    static let worstExplainedVariance = Endpoint(
        "p05_r_squared_worst", "worst R² over noise levels",
        "the smallest R² of the exact denoiser over noise levels",
        unit: "R²", control: Control("unconditional"), .raisedByMemory)
    /// R² of the exact denoiser minus R² of the one that knows the true chunk.
    public static let exactMinusTruth = Endpoint(
        "p05_exact_minus_truth", "R² minus that of the truth",
        "R² of the exact denoiser minus R² of a denoiser that knows the true sequence",
        unit: "R²", control: .noEffect, .raisedByMemory, separatesOracles: true,
        criterion: { _ in .aboveZero })
    static let denoiserBandwidth = Endpoint(
        "p05_bandwidth_over_nn", "kernel width",
        "width of the kernel over observations with which the exact denoiser explains most, over the median distance between nearest training observations of different demonstrations",
        unit: "median nearest-neighbour distances", control: .bound, .loweredByMemory,
        criterion: { rules in
            Criterion(
                "supports: at most \(rules.bandwidth); contradicts: interval above",
                supports: { $0.estimate.value.map { $0 <= rules.bandwidth } ?? false },
                contradicts: { $0.estimate.lies(above: rules.bandwidth) })
        })
    static let effectiveChunks = Endpoint(
        "p05_effective_sequences", "effective sequences",
        "exp(entropy) of the exact denoiser's weights over training sequences, mean over rows",
        unit: "sequences", control: Control("unconditional"))
    static let ownMinusReference = Endpoint(
        "p05_own_minus_reference", "own minus reference R²",
        "R² of the unconditional exact denoiser over T minus that over R",
        unit: "R²", control: .noEffect, .raisedByMemory)
}
