import Basics
import Compute
import Images
import Networks
import Policies

/// The lookup table's embedding of one observation, from the pictures of both cameras to the unit vector.
final class EncodeOne: Measurable {
    private let network: ContrastiveEncoder
    private let parameters: FloatBuffer
    private let pictures: [[RGBImage]]
    private let embedding: ObservationEmbedding
    private let workers: Int
    let flops: Int
    let limit = MachineLimit.sgemmOneCore
    let note: String

    init(_ context: BenchmarkContext) {
        network = context.sizes.contrastiveNetwork()
        parameters = network.store.makeInitialized(BenchmarkContext.seed / "initial")
        pictures = [BenchmarkSizes.cameras.map { RandomInputs.image(side: context.sizes.imageSize, $0) }]
        workers = context.workers
        embedding = ObservationEmbedding(network, parameters: parameters, pool: WorkerPool(workers: workers))
        flops = embedding.flops
        note = "resampling of the pictures included"
    }

    func run() { _ = embedding.embed(pictures) }

    /// A unit vector, the same bits for another number of workers.
    func check() throws {
        try ResultCheck.products(of: network.imagePlan(for: .inference).plan, row: "alt_encode_one")
        let other = ResultCheck.otherWorkers(than: workers)
        let theirs = ObservationEmbedding(network, parameters: parameters, pool: WorkerPool(workers: other)).embed(pictures)
        let ours = embedding.embed(pictures)
        try ResultCheck.sameBits(ours, theirs, workers: (workers, other), row: "alt_encode_one")
        let norm = ours.reduce(0) { $0 + Double($1) * Double($1) }
        try ResultCheck.require(
            abs(norm - 1) < 1e-4, "an embedding has no unit length", row: "alt_encode_one", expected: "1", found: "\(norm)")
    }
}
