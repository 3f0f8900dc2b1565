import Basics
import Compute

extension DiffusionPolicy {
    /// The network's answer itself, without a way back: one pass for every row.
    /// - Parameters:
    ///   - noisy: normalised actions [n, T, A]
    ///   - timesteps: [n]
    ///   - conditions: as `encode` gives them, [observations, G]
    ///   - rows: the observation each row is conditioned on, [n]
    /// - Returns: [n, T, A], what the network was trained to answer (see `GenerativeProcess.target`, `TrainingObjective`)
    public func evaluate(noisy: [Float], timesteps: [Int], conditions: FloatBuffer, rows: [Int]) -> [Float] {
        precondition(timesteps.count == rows.count, "\(timesteps.count) timesteps for \(rows.count) rows")
        let denoiser = denoisers[denoisers.count - 1], conditioning = rowConditioning
        let batch = denoiser.sample.shape[0], width = denoiser.sample.shape.count / batch
        let features = conditioning.condition.shape.last
        precondition(noisy.count == rows.count * width, "\(noisy.count) values for \(rows.count) rows of \(width)")
        let modulation = PlanRunner(conditioning.plan, pool: pool), main = PlanRunner(denoiser.plan, pool: pool)
        var answers: [Float] = []
        answers.reserveCapacity(noisy.count)
        for start in stride(from: 0, to: rows.count, by: batch) {
            // Rows past the last repeat it, so that every batch has the same size.
            let chosen = (start..<start + batch).map { min($0, rows.count - 1) }
            for (place, row) in chosen.enumerated() {
                modulation[conditioning.step][place] = Float(timesteps[row])
                let start = rows[row] * features
                modulation[conditioning.condition, row: place].copy(from: conditions[start..<start + features])
                main[denoiser.sample, row: place].copy(from: noisy, at: row * width)
            }
            modulation.forward(weights)
            for (source, target) in zip(conditioning.modulations, denoiser.modulations) {
                main[target].copy(from: modulation[source])
            }
            main.forward(weights)
            answers += main[denoiser.prediction][0..<min(batch, rows.count - start) * width].array
        }
        return answers
    }
}
