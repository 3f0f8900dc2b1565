import Compute
import Networks

/// Loss and gradient of one contrastive batch: NT-Xent over two views of N frames, through head and image encoder.
///
/// Every view's activations are kept, because the loss couples all rows; lanes are fixed as in `DiffusionGradient`.
public final class ContrastiveGradient {
    private let configuration: ContrastiveConfiguration
    private let pool: WorkerPool
    private let laneCount: Int
    private let laneSize: Int
    private let image: EncoderPlan
    private let head: ContrastiveEncoder.HeadPlan
    private let loss: ContrastiveEncoder.LossPlan
    private let encoders: [[Workspace]]  // [row][camera]
    private let heads: [Workspace]  // [lane]
    private let lossMemory: (workspace: Workspace, gradients: FloatBuffer, scratch: FloatBuffer)
    private let laneGradients: [FloatBuffer]
    private let memories: [Memory]

    private final class Memory: @unchecked Sendable {
        let imageGradients, headGradients, scratch: FloatBuffer
        init(_ image: Plan, _ head: Plan) {
            imageGradients = FloatBuffer(count: image.gradientCount)
            headGradients = FloatBuffer(count: head.gradientCount)
            scratch = FloatBuffer(count: max(image.scratchCount, head.scratchCount))
        }
    }

    /// - Parameter pairs: N; a batch has 2 N rows.
    public init(_ network: ContrastiveEncoder, pairs: Int, temperature: Float, pool: WorkerPool) {
        configuration = network.configuration
        self.pool = pool
        laneCount = Lanes.count(batchSize: 2 * pairs)
        laneSize = 2 * pairs / laneCount
        image = network.imagePlan()
        head = network.headPlan(batch: laneSize)
        loss = network.lossPlan(pairs: pairs, temperature: temperature)
        let (image, head, cameras) = (image, head, network.configuration.cameraCount)
        encoders = (0..<2 * pairs).map { _ in (0..<cameras).map { _ in Workspace(image.plan) } }
        heads = (0..<laneCount).map { _ in Workspace(head.plan) }
        lossMemory = (
            Workspace(loss.plan), FloatBuffer(count: loss.plan.gradientCount), FloatBuffer(count: loss.plan.scratchCount)
        )
        laneGradients = (0..<laneCount).map { _ in network.store.makeBuffer() }
        memories = (0..<min(pool.workers, laneCount)).map { _ in Memory(image.plan, head.plan) }
    }

    /// - Parameter images: [2 N, cameras, S, S, 3] in [-1, 1], first views then second views
    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(_ images: [Float], parameters: FloatBuffer) -> (loss: Float, gradients: FloatBuffer) {
        let (image, head, loss, laneSize) = (image, head, loss, laneSize)
        let (encoders, heads, memories, laneGradients) = (encoders, heads, memories, laneGradients)
        let cameras = configuration.cameraCount, features = configuration.encoder.features
        let imageCount = configuration.imageCount, embedding = configuration.embedding
        nonisolated(unsafe) let rows = lossMemory.workspace[loss.embeddings]
        pool.run(lanes: laneCount) { lane, worker in
            let memory = memories[worker]
            for row in lane * laneSize..<(lane + 1) * laneSize {
                for camera in 0..<cameras {
                    let workspace = encoders[row][camera]
                    copy(images, from: (row * cameras + camera) * imageCount, to: workspace[image.image])
                    image.plan.forward(workspace, parameters: parameters, scratch: memory.scratch)
                    let place = ((row - lane * laneSize) * cameras + camera) * features
                    _ = UnsafeMutableBufferPointer(rebasing: heads[lane][head.features][place..<place + features])
                        .update(fromContentsOf: workspace[image.features])
                }
            }
            head.plan.forward(heads[lane], parameters: parameters, scratch: memory.scratch)
            let place = lane * laneSize * embedding
            _ = UnsafeMutableBufferPointer(rebasing: rows[place..<place + laneSize * embedding])
                .update(fromContentsOf: heads[lane][head.embedding])
        }
        loss.plan.forward(lossMemory.workspace, parameters: parameters, scratch: lossMemory.scratch)
        lossMemory.gradients.fill(0)
        loss.plan.gradient(of: loss.loss, in: lossMemory.gradients).pointee = 1
        loss.plan.backward(
            lossMemory.workspace, gradients: lossMemory.gradients, parameters: parameters,
            parameterGradients: laneGradients[0], scratch: lossMemory.scratch)
        nonisolated(unsafe) let rowGradients = loss.plan.gradient(of: loss.embeddings, in: lossMemory.gradients)
        pool.run(lanes: laneCount) { lane, worker in
            let memory = memories[worker], gradients = laneGradients[lane]
            gradients.fill(0)
            memory.headGradients.fill(0)
            head.plan.gradient(of: head.embedding, in: memory.headGradients).update(
                from: rowGradients + lane * laneSize * embedding, count: laneSize * embedding)
            head.plan.backward(
                heads[lane], gradients: memory.headGradients, parameters: parameters, parameterGradients: gradients,
                scratch: memory.scratch)
            let featureGradients = head.plan.gradient(of: head.features, in: memory.headGradients)
            for row in 0..<laneSize {
                for camera in 0..<cameras {
                    memory.imageGradients.fill(0)
                    image.plan.gradient(of: image.features, in: memory.imageGradients).update(
                        from: featureGradients + (row * cameras + camera) * features, count: features)
                    image.plan.backward(
                        encoders[lane * laneSize + row][camera], gradients: memory.imageGradients,
                        parameters: parameters, parameterGradients: gradients, scratch: memory.scratch)
                }
            }
        }
        Gradients.reduce(laneGradients, pool: pool)
        return (lossMemory.workspace[loss.loss][0], laneGradients[0])
    }
}
