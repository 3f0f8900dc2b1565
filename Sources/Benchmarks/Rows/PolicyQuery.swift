import Basics
import Compute
import Demonstrations
import Networks
import Policies

/// One query of a diffusion policy: images encoded, then denoising steps for one or more samples.
final class PolicyQuery: Measurable {
    let network: DiffusionNetwork
    private let parameters: FloatBuffer
    private let process: DenoisingProcess
    private let samples: Int
    private let workers: Int
    let observation: Observation
    let policy: DiffusionPolicy
    private let row: String
    let flops: Int
    let executedFlops: Int
    /// Every denoising step reads the U-Net's weights once for its samples. What depends on the observation and the step
    /// alone, not on the samples, can be computed for all steps at once: those weights, and the encoders', are read once.
    let bytes: Int
    /// Few samples are bounded by reading the weights, many by their products.
    let limit: MachineLimit
    let note: String

    /// The compact policy with DDPM.
    static func compact(_ context: BenchmarkContext, steps: Int, samples: Int) -> PolicyQuery {
        PolicyQuery(
            "policy_query_\(steps)_steps", context.sizes.policyNetwork(), context,
            DenoisingProcess(.ddpm, schedule: NoiseSchedule(steps: 100), steps: steps), samples: samples)
    }

    /// One forward pass of a U-Net of diffusion_policy's own size, as a query of one deterministic step.
    static func referenceUnet(_ context: BenchmarkContext) -> PolicyQuery {
        PolicyQuery(
            "reference_unet_one_step", context.sizes.unetNetwork(downDims: context.sizes.referenceDownDims), context,
            DenoisingProcess(.ddim, schedule: NoiseSchedule(steps: 100), steps: 1), samples: 1)
    }

    private init(
        _ row: String, _ network: DiffusionNetwork, _ context: BenchmarkContext, _ process: DenoisingProcess, samples: Int
    ) {
        self.row = row
        self.network = network
        self.process = process
        self.samples = samples
        workers = context.workers
        let c = network.configuration
        parameters = network.store.makeInitialized(BenchmarkContext.seed / "initial")
        observation = Observation(
            images: (0..<c.observationSteps).map { step in
                c.cameras.map { RandomInputs.image(side: context.sizes.frameSize, "\($0) \(step)") }
            },
            lowDim: (0..<c.observationSteps).map { RandomInputs.uniform(c.lowDimDimension, "low_dim \($0)") }, source: nil)
        policy = Self.policy(network, parameters, process, workers: context.workers, profile: nil)
        let unet = network.store.parameters.filter { parameter in
            parameter.name.hasPrefix("model.")
                && !["cond_encoder", "diffusion_step_encoder"].contains { parameter.name.contains(".\($0).") }
        }.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
        let steps = process.timesteps.count
        let one = network.denoiserPlan(batch: 1).plan.flops
        flops = policy.flops + steps * (samples - 1) * one
        executedFlops = policy.flops - steps * one + steps * network.denoiserPlan(batch: samples).plan.executedFlops
        bytes = steps * unet + network.store.count * MemoryLayout<Float>.stride - unet
        limit = samples == 1 ? .bandwidth(bytes: unet) : .multiplyAdd
        note = "steps \(steps), samples \(samples), \(network.store.count) parameters"
    }

    private static func policy(
        _ network: DiffusionNetwork, _ parameters: FloatBuffer, _ process: DenoisingProcess, workers: Int,
        profile: OperationProfile?
    ) -> DiffusionPolicy {
        let c = network.configuration
        func fill(_ value: Float, _ count: Int) -> [Float] { [Float](repeating: value, count: count) }
        return DiffusionPolicy(
            network: network, parameters: parameters,
            normalizer: Normalizer(
                actionScale: fill(1, c.actionDimension), actionOffset: fill(0, c.actionDimension),
                lowDimScale: fill(1, c.lowDimDimension), lowDimOffset: fill(0, c.lowDimDimension)),
            process: process, pool: WorkerPool(workers: workers), profile: profile)
    }

    private func actions(of policy: DiffusionPolicy) throws -> [Float] {
        try policy.predict([observation], samples: samples, seed: BenchmarkContext.seed / "query")[0].flatMap(\.actions)
    }

    func run() throws { _ = try actions(of: policy) }

    func profiled(_ profile: OperationProfile) -> (() throws -> Void)? {
        let policy = Self.policy(network, parameters, process, workers: workers, profile: profile)
        return { _ = try self.actions(of: policy) }
    }

    /// The kernels compute what they are defined to (a network too large to check within seconds has the same ones);
    /// actions are finite and the same bits for another number of workers.
    func check() throws {
        if network.store.count < 10_000_000 {
            try ResultCheck.products(of: network.denoiserPlan(batch: min(samples, 8)).plan, row: row)
        }
        let other = ResultCheck.otherWorkers(than: workers)
        let theirs = Self.policy(network, parameters, process, workers: other, profile: nil)
        try ResultCheck.sameBits(actions(of: policy), actions(of: theirs), workers: (workers, other), row: row)
    }
}
