import Basics
import Compute
import Networks

/// From noise to actions: a process's steps over a batch of rows, all workers together.
///
/// What step and observation do to the U-Net (its modulations) does not depend on the noisy actions, so it is computed
/// beforehand for all steps of an observation in one batch.
final class ReverseProcess: @unchecked Sendable {
    private let conditioning: DiffusionNetwork.ConditioningPlan
    private let denoiser: DiffusionNetwork.DenoiserPlan
    private let weights: Weights
    private let process: any GenerativeProcess
    private let pool: WorkerPool
    private let conditioningRun, denoiserRun: PlanRunner
    /// Modulations of the observations asked about: by observation, then block, then step [2 O].
    private var modulations: [Int: [FloatBuffer]] = [:]

    init(
        conditioning: DiffusionNetwork.ConditioningPlan, denoiser: DiffusionNetwork.DenoiserPlan, weights: Weights,
        process: any GenerativeProcess, pool: WorkerPool, profile: OperationProfile?
    ) {
        self.conditioning = conditioning
        self.denoiser = denoiser
        self.weights = weights
        self.process = process
        self.pool = pool
        conditioningRun = PlanRunner(conditioning.plan, pool: pool, profile: profile)
        denoiserRun = PlanRunner(denoiser.plan, pool: pool, profile: profile)
    }

    /// - Parameters:
    ///   - conditions: [observations, G]
    ///   - rows: the observation each row of the batch is conditioned on
    ///   - sources: each row's noise
    /// - Returns: normalised actions [rows, T, A]
    func run(conditions: FloatBuffer, rows: [Int], sources: [RandomSource]) -> [Float] {
        modulations = modulations.filter { rows.contains($0.key) }
        for row in Set(rows).sorted() where modulations[row] == nil {
            let width = conditioning.condition.shape.last
            modulations[row] = modulate(conditions[row * width..<(row + 1) * width])
        }
        let blocks = rows.map { modulations[$0] ?? [] }
        let sample = denoiserRun[denoiser.sample], answer = denoiserRun[denoiser.prediction]
        let noise = FloatBuffer(count: sample.count)[0..<sample.count]
        var sources = sources
        func draw(to target: FloatSlice) {
            for row in rows.indices {
                let part = target.row(row, width: sample.count / rows.count)
                part.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = Float(sources[row].normal()) } }
            }
        }
        draw(to: sample)
        // One thread alone, in a phase of its own, touches what is not the plan's.
        nonisolated(unsafe) let step: (Int) -> Void = { [self] index in
            sample.withUnsafeMutableBufferPointer { x in
                answer.withUnsafeMutableBufferPointer { answer in
                    noise.withUnsafeMutableBufferPointer { noise in
                        process.step(index, x, answer: UnsafeBufferPointer(answer), noise: UnsafeBufferPointer(noise))
                    }
                }
            }
        }
        nonisolated(unsafe) let prepare: (Int) -> Void = { [self] index in
            setModulations(blocks, step: index)
            if process.drawsNoise(index) { draw(to: noise) }
        }
        let steps = process.timesteps.indices
        pool.runTeam { [self] thread in
            for index in steps {
                thread.runOnce {
                    if index > steps.lowerBound { step(index - 1) }
                    prepare(index)
                }
                denoiserRun.forward(weights, as: thread)
            }
            thread.runOnce { step(steps.upperBound - 1) }
        }
        return sample.array
    }

    /// The modulations of one observation at every step.
    private func modulate(_ condition: FloatSlice) -> [FloatBuffer] {
        for (index, timestep) in process.timesteps.enumerated() {
            conditioningRun[conditioning.step][index] = Float(timestep)
            conditioningRun[conditioning.condition, row: index].copy(from: condition)
        }
        conditioningRun.forward(weights)
        return conditioning.modulations.map { FloatBuffer(conditioningRun.array($0)) }
    }

    private func setModulations(_ blocks: [[FloatBuffer]], step: Int) {
        for (block, value) in denoiser.modulations.enumerated() {
            let width = value.shape.last
            for row in blocks.indices {
                denoiserRun[value, row: row].copy(from: blocks[row][block][step * width..<(step + 1) * width])
            }
        }
    }
}
