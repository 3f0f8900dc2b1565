import Basics
import Compute
import Networks
import Policies

/// One training step of the lookup table's encoder: NT-Xent over pairs of views, backward pass, AdamW.
final class ContrastiveStep: Measurable {
    private static let temperature: Float = 0.4
    private let network: ContrastiveEncoder
    private let pairs: Int
    private let images: [Float]
    private let parameters: FloatBuffer
    private let gradient: ContrastiveGradient
    private let optimizer: AdamW
    private let pool: WorkerPool
    let flops: Int
    let executedFlops: Int
    let limit = MachineLimit.multiplyAdd
    let note: String

    init(_ context: BenchmarkContext) {
        network = context.sizes.contrastiveNetwork()
        pairs = context.sizes.batch
        let c = network.configuration, rows = 2 * pairs
        images = RandomInputs.uniform(rows * c.cameraCount * c.imageCount, "images")
        parameters = network.store.makeInitialized(BenchmarkContext.seed / "initial")
        optimizer = AdamW(AdamW.Configuration(), count: network.store.count)
        pool = WorkerPool(workers: context.workers)
        gradient = ContrastiveGradient(network, pairs: pairs, temperature: Self.temperature, pool: pool)
        let image = network.imagePlan(for: .training).plan, stem = context.sizes.stemFlops
        let head = network.trainingPlan(pairs: pairs, temperature: Self.temperature).plan
        flops = rows * c.cameraCount * (3 * image.flops - stem) + 3 * head.flops
        executedFlops = rows * c.cameraCount * (3 * image.executedFlops - stem) + 3 * head.executedFlops
        note = "\(pairs) pairs, \(network.store.count) parameters"
    }

    func run() { step(gradient) }

    func profiled(_ profile: OperationProfile) -> (() throws -> Void)? {
        let gradient = ContrastiveGradient(
            network, pairs: pairs, temperature: Self.temperature, pool: pool, profile: profile)
        return { self.step(gradient) }
    }

    private func step(_ gradient: ContrastiveGradient) {
        let (_, gradients) = gradient.run(images, parameters: parameters)
        optimizer.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
    }

    /// The kernels compute what they are defined to; loss and gradient are finite and the same bits for another number
    /// of workers.
    func check() throws {
        try ResultCheck.products(of: network.imagePlan(for: .training).plan, row: "train_step_alt")
        try ResultCheck.products(
            of: network.trainingPlan(pairs: min(pairs, 8), temperature: Self.temperature).plan, row: "train_step_alt")
        let other = ResultCheck.otherWorkers(than: pool.workers)
        let theirs = ContrastiveGradient(
            network, pairs: pairs, temperature: Self.temperature, pool: WorkerPool(workers: other)
        ).run(images, parameters: parameters)
        let ours = gradient.run(images, parameters: parameters)
        try ResultCheck.sameBits(
            [ours.loss] + ours.gradients.array, [theirs.loss] + theirs.gradients.array, workers: (pool.workers, other),
            row: "train_step_alt")
    }
}
