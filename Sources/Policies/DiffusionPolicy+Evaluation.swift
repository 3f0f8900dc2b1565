import Basics
import Compute

extension DiffusionPolicy {
    /// The network's answer itself, without a sampler: one pass for every row.
    /// - Parameters:
    ///   - noisy: normalised actions [n, T, A]
    ///   - timesteps: [n]
    ///   - conditions: as `encode` gives them, [observations, G]
    ///   - rows: the observation each row is conditioned on, [n]
    /// - Returns: the predicted noise [n, T, A]; the actions for a network that was trained to regress them.
    public func evaluate(noisy: [Float], timesteps: [Int], conditions: FloatBuffer, rows: [Int]) -> [Float] {
        precondition(timesteps.count == rows.count, "\(timesteps.count) timesteps for \(rows.count) rows")
        let denoiser = denoisers[denoisers.count - 1], conditioning = rowConditioning
        let batch = denoiser.sample.shape[0], width = denoiser.sample.shape.count / batch
        let features = conditioning.condition.shape.last
        precondition(noisy.count == rows.count * width, "\(noisy.count) values for \(rows.count) rows of \(width)")
        let memory = TeamMemory(conditioning.plan, workers: pool.workers), main = TeamMemory(denoiser.plan, workers: pool.workers)
        var answers: [Float] = []
        answers.reserveCapacity(noisy.count)
        for start in stride(from: 0, to: rows.count, by: batch) {
            // Rows past the last repeat it, so that every batch has the same size.
            let chosen = (start..<start + batch).map { min($0, rows.count - 1) }
            for (place, row) in chosen.enumerated() {
                memory.workspace[conditioning.step][place] = Float(timesteps[row])
                (memory.workspace[conditioning.condition].baseAddress.unsafelyUnwrapped + place * features)
                    .update(from: conditions.pointer + rows[row] * features, count: features)
                copy(noisy, from: row * width, to: UnsafeMutableBufferPointer(
                    rebasing: main.workspace[denoiser.sample][place * width..<(place + 1) * width]))
            }
            memory.forward(conditioning.plan, weights, pool)
            for (source, target) in zip(conditioning.modulations, denoiser.modulations) {
                _ = main.workspace[target].update(fromContentsOf: memory.workspace[source])
            }
            main.forward(denoiser.plan, weights, pool)
            answers += main.workspace[denoiser.prediction].prefix(min(batch, rows.count - start) * width)
        }
        return answers
    }
}

/// What a team of workers needs to run one plan forward.
private final class TeamMemory: @unchecked Sendable {
    let workspace: Workspace
    private let scratch: [FloatBuffer]

    init(_ plan: Plan, workers: Int) {
        workspace = Workspace(plan, profile: nil)
        scratch = (0..<workers).map { _ in FloatBuffer(count: plan.scratchCount) }
    }

    func forward(_ plan: Plan, _ weights: Weights, _ pool: WorkerPool) {
        pool.runTeam { [self] member in
            plan.forward(workspace, weights, scratch: scratch[member.index], member: member)
        }
    }
}
