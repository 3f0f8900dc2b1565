import Basics

/// P05: is a learned denoiser the exact minimiser of its own loss over the training chunks, a soft table keyed by the
/// observation?
///
/// D(x, t) = Σ w_i a_i, log w_i = -‖x - √ᾱ a_i‖² / 2(1 - ᾱ) - d_i² / 2h² (`ExactDenoiser`), a_i the training chunks in
/// normalised units, d_i the distance of the observation to training window i in the space `diffusion encoder`, else
/// in the first one; without any space h is infinite. The demonstrations are cut in two halves. Per timestep h(t)
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
/// unconditional forms). Effective chunks = exp(entropy of w), mean over rows. Control: the policy `random_init` where
/// it was asked, else the unconditional denoiser; for the bandwidth its bound, for effective chunks the unconditional
/// number. `half_trained` is a policy of its own.
///
/// A high R² alone shows nothing: x_t gives the true chunk away, and with few phases of one task a denoiser that knows
/// the truth reaches as much. `p05_exact_minus_truth`, R² of the exact denoiser minus R² of the one that knows the true
/// chunk, is what tells a table from a policy that generalises.
///
/// Verdict of `p05_r_squared` (mean over timesteps): withheld without a fit (P01); `lookup` when its interval lies above
/// 0.8, that of exact minus truth above 0, and the bandwidth, the median over timesteps, is at most 1 nearest-neighbour
/// distance; `not a lookup` when the first lies below 0.8 or the second below 0; else `undecided`. `p05_bandwidth_over_nn` reads an infinite bandwidth as 20, and its interval
/// is that of the grid's bandwidth. Other rows are `measured`.
///
/// A soft table is a table here too: a kernel mean whose bandwidth is one nearest-neighbour distance passes as a `lookup`.
/// The effective chunks and P07 tell it from a hard one.
///
/// `p05_fit`: policy, condition, timestep, alpha_bar, h and h_over_nn (`inf` for infinite), r_squared with interval,
/// r_squared_unconditional, r_squared_truth, r_squared_reference, effective_chunks, rows. `p05_grid`: policy, condition,
/// timestep, h_over_nn, r_squared_fit_half (each half at every bandwidth, both added).
public struct ExactDenoiserComparison: Probe {
    public let name = "p05"
    public let title = "learned against exact denoiser"

    /// Timesteps with a larger ᾱ are left out of the summary.
    static let largestAlphaBar = 0.9

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let answers = context.measurements.denoisers
        guard !answers.isEmpty else {
            throw Failure(
                .data, "probe \(name) has nothing to measure", at: "denoiser answers", expected: "at least one policy",
                found: "none",
                remedy: "ask the denoisers at held-out observations, or leave \(name) out of the list of probes")
        }
        let spaces = context.measurements.spaces
        let space = spaces.first { $0.name == "diffusion encoder" } ?? spaces.first
        let spacing =
            space?.medianNeighbourDistance(demonstration: context.train.demonstration, pool: context.pool) ?? 0
        var distances: [String: [[Float]]] = [:]
        for condition in Set(answers.map(\.condition)) where spacing > 0 {
            let scale = Float(1 / (spacing * spacing))
            distances[condition] = space?.squaredDistances(condition, pool: context.pool)?
                .map { $0.map { $0 * scale } }
        }
        let compared = try answers.map { answers in
            try Self.validate(answers, observations: distances[answers.condition]?.count, context)
            return DenoiserComparison(answers, squaredDistances: distances[answers.condition], context)
        }
        var table = Table(columns: [
            "policy", "condition", "timestep", "alpha_bar", "h", "h_over_nn", "r_squared", "ci_low", "ci_high",
            "r_squared_unconditional", "r_squared_truth", "r_squared_reference", "effective_chunks", "rows",
        ])
        var grid = Table(columns: ["policy", "condition", "timestep", "h_over_nn", "r_squared_fit_half"])
        for comparison in compared { comparison.append(to: &table, grid: &grid, spacing: spacing) }
        return ProbeResult(
            tables: [("p05_fit", table), ("p05_grid", grid)],
            summary: compared.flatMap { comparison in
                let random = compared.first { $0.policy == "random_init" && $0.condition == comparison.condition }
                return comparison.summary(random: random?.rSquared.value, context)
            })
    }

    private static func validate(_ answers: DenoiserAnswers, observations: Int?, _ context: ProbeContext) throws {
        func refuse(_ kind: Failure.Kind, _ what: String, expected: String, found: String) -> Failure {
            Failure(
                kind, what, at: "denoiser of \(answers.policy), condition \(answers.condition)", expected: expected,
                found: found, remedy: "ask the denoiser again at the observations of that condition")
        }
        let width = context.train.width
        guard answers.count > 0, answers.clean.count == answers.count * width else {
            throw refuse(
                .data, "answers of a denoiser differ in shape", expected: "rows of \(width) values",
                found: "\(answers.clean.count) values in \(answers.count) rows")
        }
        guard (answers.noisy + answers.clean).allSatisfy(\.isFinite) else {
            throw refuse(
                .diverged, "a denoiser's answer is not finite", expected: "finite numbers", found: "NaN or infinity")
        }
        if let wrong = answers.alphaBar.first(where: { !(0..<1).contains($0) }) {
            throw refuse(.data, "ᾱ is out of range", expected: "0 ≤ ᾱ < 1", found: "\(wrong)")
        }
        if let observations, let wrong = answers.observation.first(where: { !(0..<observations).contains($0) }) {
            throw refuse(
                .data, "a denoiser was asked at an unknown observation", expected: "a number in 0 ..< \(observations)",
                found: "\(wrong)")
        }
        guard Set(answers.cluster).count > 1 else {
            throw refuse(
                .data, "fitting on one half of the demonstrations and testing on the other needs two",
                expected: "at least 2 demonstrations", found: "\(Set(answers.cluster).count)")
        }
    }
}
