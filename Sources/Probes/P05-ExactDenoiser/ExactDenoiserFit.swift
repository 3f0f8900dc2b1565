import Basics
import Foundation
import Networks

/// What the exact denoiser explains of a learned one at one timestep, as sums by demonstration, so that a bootstrap
/// over demonstrations only adds them up.
struct ExactDenoiserFit: Sendable {
    /// Bandwidths tried, over the median nearest-neighbour distance: 25 from 0.05 to 20 in equal ratios.
    static let grid = (0..<25).map { 0.05 * pow(400, Double($0) / 24) }
    static let largest = 20.0

    let timestep: Int
    let alphaBar: Double
    /// Whether it is one of the timesteps that the summary is over.
    var isCounted: Bool { alphaBar < ExactDenoiserComparison.largestAlphaBar }
    /// Rows; every array below is by demonstration.
    let count: [Double]
    /// ‖learned - mean of learned‖², the mean over all rows of the timestep.
    let total: [Double]
    /// ‖learned - exact‖² at the bandwidth fitted on the other half.
    let exact: [Double]
    let unconditional: [Double]
    /// Nil unless every row has a true chunk.
    let truth: [Double]?
    /// The unconditional denoiser of the reference chunks; nil without a reference.
    let reference: [Double]?
    /// exp(entropy of w) of the exact and of the unconditional denoiser.
    let effective: [Double]
    let unconditionalEffective: [Double]
    /// ‖learned - exact‖² at every bandwidth of `grid` and, last, at infinity. Only the last without distances.
    let gridErrors: [[Double]]
    /// Geometric mean of the two halves' bandwidths over the nearest-neighbour distance; infinite when one of them is.
    let bandwidth: Double

    init(_ rows: Rows, pool: WorkerPool) {
        let grid = rows.hasDistances ? Self.grid + [.infinity] : [.infinity]
        let demonstrations = rows.secondHalf.count
        let logs = pool.map(count: rows.count) { rows.logLikelihoods($0) }
        let errors = pool.map(count: rows.count) { row in
            grid.map { rows.answer(row, logs[row], bandwidth: $0).error }
        }
        func byDemonstration(_ values: [Double]) -> [Double] {
            var sums = [Double](repeating: 0, count: demonstrations)
            for (row, value) in values.enumerated() { sums[rows.demonstration[row]] += value }
            return sums
        }
        let halves = [false, true].map { half in
            (0..<rows.count).filter { rows.secondHalf[rows.demonstration[$0]] == half }
        }
        let fitted = halves.map { fit in
            Self.bandwidth(grid, errors: grid.indices.map { place in fit.map { errors[$0][place] }.reduce(0, +) }) { h in
                pool.map(count: fit.count) {
                    rows.answer(fit[$0], logs[fit[$0]], bandwidth: h).error
                }.reduce(0, +)
            }
        }
        let answers = pool.map(count: rows.count) { row in
            let other = rows.secondHalf[rows.demonstration[row]] ? fitted[0] : fitted[1]
            return (
                own: rows.answer(row, logs[row], bandwidth: other),
                unconditional: rows.answer(row, logs[row], bandwidth: .infinity)
            )
        }
        timestep = rows.timestep
        alphaBar = rows.mixture.alphaBar
        count = byDemonstration([Double](repeating: 1, count: rows.count))
        total = byDemonstration(rows.deviations())
        exact = byDemonstration(answers.map(\.own.error))
        unconditional = byDemonstration(answers.map(\.unconditional.error))
        effective = byDemonstration(answers.map { exp(Concentration.entropy($0.own.weights)) })
        unconditionalEffective = byDemonstration(answers.map { exp(Concentration.entropy($0.unconditional.weights)) })
        truth = rows.truthErrors().map(byDemonstration)
        reference = rows.referenceErrors(pool: pool).map(byDemonstration)
        gridErrors = grid.indices.map { place in byDemonstration(errors.map { $0[place] }) }
        bandwidth = (fitted[0] * fitted[1]).squareRoot()
    }

    /// The bandwidth of the smallest error: the best of the grid, refined by golden sections of its logarithm.
    private static func bandwidth(_ grid: [Double], errors: [Double], _ error: (Double) -> Double) -> Double {
        let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
        let finite = grid.count { $0.isFinite }
        guard best < finite else { return .infinity }
        let ratio = (5.0.squareRoot() - 1) / 2
        var low = log(grid[max(best - 1, 0)])
        var high = log(grid[min(best + 1, finite - 1)])
        var inner = (low: high - ratio * (high - low), high: low + ratio * (high - low))
        var values = (low: error(exp(inner.low)), high: error(exp(inner.high)))
        for _ in 0..<12 {
            if values.low < values.high {
                high = inner.high
                inner = (high - ratio * (high - low), inner.low)
                values = (error(exp(inner.low)), values.low)
            } else {
                low = inner.low
                inner = (inner.high, low + ratio * (high - low))
                values = (values.high, error(exp(inner.high)))
            }
        }
        let refined = values.low < values.high ? (exp(inner.low), values.low) : (exp(inner.high), values.high)
        return refined.1 < errors[best] ? refined.0 : grid[best]
    }

    /// 1 - Σ error / Σ total with demonstration e standing `weights[e]` times; NaN for answers that do not vary.
    func rSquared(_ errors: [Double], _ weights: [Double]) -> Double {
        let error = zip(errors, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let variation = zip(total, weights).reduce(0) { $0 + $1.0 * $1.1 }
        // Below this the variation of a constant is rounding.
        return variation > 1e-9 * error ? 1 - error / variation : .nan
    }

    /// Mean over rows.
    func mean(_ sums: [Double], _ weights: [Double]) -> Double {
        zip(sums, weights).reduce(0) { $0 + $1.0 * $1.1 } / zip(count, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The bandwidth of `grid` with the smallest error, infinity read as the largest.
    func gridBandwidth(_ weights: [Double]) -> Double {
        let sums = gridErrors.map { errors in zip(errors, weights).reduce(0) { $0 + $1.0 * $1.1 } }
        let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
        return gridErrors.count > 1 && best < Self.grid.count ? Self.grid[best] : Self.largest
    }
}

extension ExactDenoiserFit {
    /// The answers of one policy under one condition at one timestep, with what the exact denoiser is compared at.
    struct Rows: Sendable {
        let answers: DenoiserAnswers
        /// Rows of `answers`.
        let selected: [Int]
        /// Place of each row's demonstration in `secondHalf`.
        let demonstration: [Int]
        /// By demonstration: whether it is of the second half.
        let secondHalf: [Bool]
        let denoiser: ExactDenoiser
        let reference: ExactDenoiser?
        /// Squared distances of observations to training windows, over the median nearest-neighbour distance squared.
        let squaredDistances: [[Float]]?
        let truth: ConditionTruth?

        var count: Int { selected.count }
        var hasDistances: Bool { squaredDistances != nil }
        var timestep: Int { selected.first.map { answers.timestep[$0] } ?? 0 }
        var mixture: Mixture { selected.first.map { answers.mixture[$0] } ?? Mixture(alphaBar: 0) }

        private func noisy(_ row: Int) -> [Float] {
            Array(answers.noisy[selected[row] * denoiser.width..<(selected[row] + 1) * denoiser.width])
        }

        private func learned(_ row: Int) -> ArraySlice<Float> {
            answers.clean[selected[row] * denoiser.width..<(selected[row] + 1) * denoiser.width]
        }

        private func squaredError(_ row: Int, _ values: some Sequence<Float>) -> Double {
            zip(learned(row), values).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        }

        func logLikelihoods(_ row: Int) -> [Double] { denoiser.logLikelihoods(noisy(row), mixture: mixture) }

        func answer(_ row: Int, _ logs: [Double], bandwidth: Double) -> (error: Double, weights: [Double]) {
            let weights = denoiser.weights(
                logLikelihoods: logs,
                squaredObservationDistances: squaredDistances?[answers.observation[selected[row]]], bandwidth: bandwidth)
            return (squaredError(row, denoiser.mean(weights: weights)), weights)
        }

        /// Squared distance of each learned answer to the mean of all.
        func deviations() -> [Double] {
            var mean = [Double](repeating: 0, count: denoiser.width)
            for row in 0..<count {
                for (column, value) in learned(row).enumerated() { mean[column] += Double(value) / Double(count) }
            }
            return (0..<count).map { row in
                zip(learned(row), mean).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
            }
        }

        func truthErrors() -> [Double]? {
            guard let truth else { return nil }
            let errors = (0..<count).compactMap { row in
                truth.values(answers.observation[selected[row]]).map { squaredError(row, $0) }
            }
            return errors.count == count ? errors : nil
        }

        func referenceErrors(pool: WorkerPool) -> [Double]? {
            guard let reference else { return nil }
            return pool.map(count: count) { row in
                squaredError(
                    row,
                    reference.clean(
                        noisy(row), mixture: mixture, squaredObservationDistances: nil, bandwidth: .infinity))
            }
        }
    }
}
