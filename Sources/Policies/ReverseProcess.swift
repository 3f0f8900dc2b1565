import Basics
import Compute
import Networks

/// From noise to actions: the sampler's steps over a batch of rows, all workers together.
///
/// What step and observation do to the U-Net (its modulations) does not depend on the noisy actions, so it is computed
/// beforehand for all steps of an observation in one batch.
final class ReverseProcess: @unchecked Sendable {
    private let conditioning: DiffusionNetwork.ConditioningPlan
    private let denoiser: DiffusionNetwork.DenoiserPlan
    private let weights: Weights
    private let sampler: DiffusionSampler
    private let pool: WorkerPool
    private let conditioningMemory, denoiserMemory: Workspace
    private let scratch: [FloatBuffer]
    /// Modulations of the observations asked about: by observation, then block, then step [2 O].
    private var modulations: [Int: [FloatBuffer]] = [:]

    init(
        conditioning: DiffusionNetwork.ConditioningPlan, denoiser: DiffusionNetwork.DenoiserPlan, weights: Weights,
        sampler: DiffusionSampler, pool: WorkerPool, profile: OperationProfile?
    ) {
        self.conditioning = conditioning
        self.denoiser = denoiser
        self.weights = weights
        self.sampler = sampler
        self.pool = pool
        conditioningMemory = Workspace(conditioning.plan, profile: profile)
        denoiserMemory = Workspace(denoiser.plan, profile: profile)
        let scratchCount = max(conditioning.plan.scratchCount, denoiser.plan.scratchCount)
        scratch = (0..<pool.workers).map { _ in FloatBuffer(count: scratchCount) }
    }

    /// - Parameters:
    ///   - conditions: [observations, G]
    ///   - rows: the observation each row of the batch is conditioned on
    ///   - sources: each row's noise
    /// - Returns: normalised actions [rows, T, A]
    func run(conditions: UnsafePointer<Float>, rows: [Int], sources: [RandomSource]) -> [Float] {
        modulations = modulations.filter { rows.contains($0.key) }
        for row in Set(rows).sorted() where modulations[row] == nil {
            modulations[row] = modulate(conditions + row * conditioning.condition.shape.last)
        }
        let blocks = rows.map { modulations[$0] ?? [] }
        let sample = denoiserMemory[denoiser.sample], chunk = sample.count / rows.count
        let noise = FloatBuffer(count: sample.count)
        var sources = sources
        func draw(to target: UnsafeMutablePointer<Float>) {
            for row in rows.indices {
                for i in row * chunk..<(row + 1) * chunk { target[i] = Float(sources[row].normal()) }
            }
        }
        draw(to: sample.baseAddress.unsafelyUnwrapped)
        // Only the first member, between two synchronisations, touches what is not the plan's.
        nonisolated(unsafe) let step: (Int) -> Void = { [self] index in
            sampler.step(
                index, sample, epsilon: UnsafeBufferPointer(denoiserMemory[denoiser.prediction]),
                noise: UnsafeBufferPointer(start: noise.pointer, count: noise.count))
        }
        nonisolated(unsafe) let prepare: (Int) -> Void = { [self] index in
            setModulations(blocks, step: index)
            if sampler.drawsNoise(index) { draw(to: noise.pointer) }
        }
        let steps = sampler.timesteps.indices
        pool.runTeam { [self] member in
            for index in steps {
                if member.isFirst { prepare(index) }
                member.synchronize()
                denoiser.plan.forward(denoiserMemory, weights, scratch: scratch[member.index], member: member)
                if member.isFirst { step(index) }
            }
        }
        return Array(sample)
    }

    /// The modulations of one observation at every step.
    private func modulate(_ condition: UnsafePointer<Float>) -> [FloatBuffer] {
        let width = conditioning.condition.shape.last
        for (index, timestep) in sampler.timesteps.enumerated() {
            conditioningMemory[conditioning.step][index] = Float(timestep)
            (conditioningMemory[conditioning.condition].baseAddress.unsafelyUnwrapped + index * width)
                .update(from: condition, count: width)
        }
        pool.runTeam { [self] member in
            conditioning.plan.forward(conditioningMemory, weights, scratch: scratch[member.index], member: member)
        }
        return conditioning.modulations.map { FloatBuffer(conditioningMemory.array($0)) }
    }

    private func setModulations(_ blocks: [[FloatBuffer]], step: Int) {
        for (block, value) in denoiser.modulations.enumerated() {
            let target = denoiserMemory[value].baseAddress.unsafelyUnwrapped, width = value.shape.last
            for row in blocks.indices {
                (target + row * width).update(from: blocks[row][block].pointer + step * width, count: width)
            }
        }
    }
}
