import Basics
import Compute
import Networks
import Policies

/// Forward and backward pass of a diffusion policy, or another network from observations to actions, on one batch, with AdamW's step where the row has it.
final class DiffusionStep: Measurable {
    private let network: any SequenceNetwork
    private let loss: TrainingLoss
    private let batchSize: Int
    private let batch: DiffusionBatch
    private let parameters: FloatBuffer
    private let gradient: DiffusionGradient
    private let optimizer: AdamW?
    private let pool: WorkerPool
    private let row: String
    let flops: Int
    let executedFlops: Int
    let limit = MachineLimit.multiplyAdd
    let note: String

    /// Two cameras, encoders and U-Net, and AdamW.
    static func wholePolicy(_ context: BenchmarkContext) throws -> DiffusionStep {
        DiffusionStep("train_step_image", context.sizes.policyNetwork(), updates: true, context)
    }

    /// The U-Net alone, without AdamW.
    static func unet(_ context: BenchmarkContext, downDims: [Int]) throws -> DiffusionStep {
        DiffusionStep("forward_backward_unet", context.sizes.unetNetwork(downDims: downDims), updates: false, context)
    }

    /// ACT on the same observations, and AdamW.
    static func actionChunking(_ context: BenchmarkContext) throws -> DiffusionStep {
        DiffusionStep("train_step_act", context.sizes.actionChunkingNetwork(), updates: true, loss: .absolute, context)
    }

    private init(
        _ row: String, _ network: any SequenceNetwork, updates: Bool, loss: TrainingLoss = .squared, _ context: BenchmarkContext
    ) {
        self.row = row
        self.network = network
        self.loss = loss
        batchSize = context.sizes.batch
        let c = network.configuration, size = context.sizes.batch, chunk = c.horizon * c.actionDimension
        batch = DiffusionBatch(
            images: RandomInputs.uniform(size * c.observationSteps * c.cameras.count * c.imageCount, "images"),
            lowDim: RandomInputs.uniform(size * c.observationSteps * c.lowDimDimension, "low_dim"),
            noisyActions: RandomInputs.normal(size * chunk, "actions"), timesteps: (0..<size).map { Float($0 * 37 % 100) },
            target: RandomInputs.normal(size * chunk, "noise"))
        parameters = network.store.makeInitialized(BenchmarkContext.seed / "initial")
        optimizer = updates ? AdamW(AdamW.Configuration(), count: network.store.count) : nil
        pool = WorkerPool(workers: context.workers)
        gradient = DiffusionGradient(network, batchSize: size, loss: loss, pool: pool)
        let images = size * c.observationSteps
        // Backward is two products for each forward one, but for the first convolution, whose input needs no gradient.
        let encoders = c.cameras.indices.map { network.encoderPlan(camera: $0, for: .training).plan }
        let head = network.trainingPlan(batch: size, loss: loss).plan, stem = context.sizes.stemFlops
        flops = images * encoders.reduce(0) { $0 + 3 * $1.flops - stem } + 3 * head.flops
        executedFlops = images * encoders.reduce(0) { $0 + 3 * $1.executedFlops - stem } + 3 * head.executedFlops
        note = "batch \(size), \(network.store.count) parameters"
    }

    func run() { step(gradient) }

    func profiled(_ profile: OperationProfile) -> (() throws -> Void)? {
        let gradient = DiffusionGradient(network, batchSize: batchSize, loss: loss, pool: pool, profile: profile)
        return { self.step(gradient) }
    }

    private func step(_ gradient: DiffusionGradient) {
        let (_, gradients) = gradient.run(batch, parameters: parameters)
        optimizer?.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
    }

    /// The kernels compute what they are defined to; loss and gradient are finite and the same bits for another number
    /// of workers.
    func check() throws {
        for camera in network.configuration.cameras.indices {
            try ResultCheck.products(of: network.encoderPlan(camera: camera, for: .training).plan, row: row)
        }
        try ResultCheck.products(of: network.trainingPlan(batch: min(batchSize, 8), loss: loss).plan, row: row)
        let other = ResultCheck.otherWorkers(than: pool.workers)
        let theirs = DiffusionGradient(network, batchSize: batchSize, loss: loss, pool: WorkerPool(workers: other))
            .run(batch, parameters: parameters)
        let ours = gradient.run(batch, parameters: parameters)
        try ResultCheck.sameBits(
            [ours.loss] + ours.gradients.array, [theirs.loss] + theirs.gradients.array, workers: (pool.workers, other), row: row)
    }
}
