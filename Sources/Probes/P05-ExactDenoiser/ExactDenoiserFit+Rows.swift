import Basics

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
        var alphaBar: Double { selected.first.map { answers.alphaBar[$0] } ?? 0 }

        private func noisy(_ row: Int) -> [Float] {
            Array(answers.noisy[selected[row] * denoiser.width..<(selected[row] + 1) * denoiser.width])
        }

        private func learned(_ row: Int) -> ArraySlice<Float> {
            answers.clean[selected[row] * denoiser.width..<(selected[row] + 1) * denoiser.width]
        }

        private func squaredError(_ row: Int, _ values: some Sequence<Float>) -> Double {
            zip(learned(row), values).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        }

        func logLikelihoods(_ row: Int) -> [Double] { denoiser.logLikelihoods(noisy(row), alphaBar: alphaBar) }

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
                        noisy(row), alphaBar: alphaBar, squaredObservationDistances: nil, bandwidth: .infinity))
            }
        }
    }
}
