import Basics
import Compute
import Demonstrations
import Networks

/// The image encoders over a training batch, forward and back, depth first: image after image through the whole
/// network while its activations sit in the cache, each with its own memory for the way back.
///
/// The way back is cut into a fixed number of lanes, each with its own gradient of the encoders' parameters; lanes are
/// added in order.
final class EncoderBatch {
    private let encoders: [EncoderPlan]  // by camera
    private let rows: Int
    private let pool: WorkerPool
    private let runners: [LaneRunners]  // by camera; a lane is a row
    private let laneGradients: [FloatBuffer]
    private let parameterRange: Range<Int>

    /// - Parameter encoders: of each camera; may be the same one
    init(_ encoders: [EncoderPlan], rows: Int, pool: WorkerPool, profile: OperationProfile?) {
        self.encoders = encoders
        self.rows = rows
        self.pool = pool
        runners = encoders.map { LaneRunners($0.plan, pool: pool, keeping: rows, profile: profile) }
        let first = encoders.map(\.plan.parameterRange.lowerBound).min() ?? 0
        let range = first..<(encoders.map(\.plan.parameterRange.upperBound).max() ?? first)
        parameterRange = range
        laneGradients = (0..<Lanes.count(batchSize: rows)).map { _ in FloatBuffer(count: range.count) }
    }

    /// Encodes images [rows, cameras, S, S, 3]; row r's features are the first cameras · F of `features`' row of `stride`.
    func forward(_ images: [Float], _ weights: Weights, to features: FloatSlice, stride: Int) {
        let (encoders, runners) = (encoders, runners)
        pool.run(lanes: rows) { row, worker in
            for (camera, encoder) in encoders.enumerated() {
                let run = runners[camera][row, worker: worker], image = run[encoder.image], result = run[encoder.features]
                image.copy(from: images, at: (row * encoders.count + camera) * image.count)
                run.forward(weights)
                features.row(row, width: stride).row(camera, width: result.count).copy(from: result)
            }
        }
    }

    /// Carries the features' gradients, placed as in `forward`, back and adds to the parameters' gradients.
    func backward(_ featureGradients: FloatSlice, stride: Int, _ weights: Weights, addingTo gradients: FloatBuffer) {
        guard !encoders.isEmpty else { return }
        let (encoders, runners) = (encoders, runners)
        let (laneGradients, range) = (laneGradients, parameterRange), laneSize = rows / laneGradients.count
        pool.run(lanes: laneGradients.count) { lane, worker in
            laneGradients[lane].fill(0)
            for row in lane * laneSize..<(lane + 1) * laneSize {
                for (camera, encoder) in encoders.enumerated() {
                    let run = runners[camera][row, worker: worker], gradient = run.gradient(of: encoder.features)
                    gradient.copy(from: featureGradients.row(row, width: stride).row(camera, width: gradient.count))
                    run.backward(weights, addingTo: laneGradients[lane], firstParameter: range.lowerBound)
                }
            }
        }
        Gradients.add(laneGradients, to: gradients, at: range.lowerBound, pool: pool)
    }
}

/// How a batch is cut into lanes: the largest number up to 8 that divides it, whatever the number of workers.
enum Lanes {
    static func count(batchSize: Int) -> Int { (1...8).last { batchSize % $0 == 0 } ?? 1 }
}

/// Loss and gradient of one contrastive batch: NT-Xent over two views of N frames, through head and image encoder.
///
/// Encoders run image after image, see `EncoderBatch`; head and loss, which couples all rows, run once over the batch.
public final class ContrastiveGradient {
    private let network: ContrastiveEncoder
    private let pool: WorkerPool
    private let encoders: EncoderBatch
    private let head: ContrastiveEncoder.TrainingPlan
    private let headRun: PlanRunner
    private let gradients: FloatBuffer
    private var weights: Weights?

    /// - Parameters:
    ///   - pairs: N; a batch has 2 N rows.
    ///   - spared: frames up to which neighbours of a demonstration are no negatives.
    ///   - profile: where to add up the times of the operations
    public init(
        _ network: ContrastiveEncoder, pairs: Int, temperature: Float, spared: Int = 0, pool: WorkerPool,
        profile: OperationProfile? = nil
    ) {
        self.network = network
        self.pool = pool
        let image = network.imagePlan(for: .training)
        encoders = EncoderBatch(
            (0..<network.configuration.cameraCount).map { _ in image }, rows: 2 * pairs, pool: pool, profile: profile)
        head = network.trainingPlan(pairs: pairs, temperature: temperature, spared: spared)
        headRun = PlanRunner(head.plan, pool: pool, profile: profile)
        gradients = network.store.makeBuffer()
    }

    /// - Parameters:
    ///   - images: [2 N, cameras, S, S, 3] in [-1, 1], first views then second views
    ///   - frames: of the N pairs; not read where no neighbours are spared
    /// - Returns: the loss and the gradient in the parameters' layout, valid until the next call.
    public func run(
        _ images: [Float], frames: [FrameReference] = [], parameters: FloatBuffer
    ) -> (loss: Float, gradients: FloatBuffer) {
        let weights = load(images, frames, parameters)
        gradients.clear(pool)
        let loss = headRun.trainingPass(weights, loss: head.loss, inputs: [head.features], addingTo: gradients)
        encoders.backward(
            headRun.gradient(of: head.features), stride: network.configuration.features, weights, addingTo: gradients)
        return (loss, gradients)
    }

    /// The loss alone.
    func loss(_ images: [Float], frames: [FrameReference], parameters: FloatBuffer) -> Float {
        headRun.forward(load(images, frames, parameters))
        return headRun[head.loss][0]
    }

    /// Encodes the images, and places what the loss reads beside their features.
    private func load(_ images: [Float], _ frames: [FrameReference], _ parameters: FloatBuffer) -> Weights {
        let weights = Weights.packed(parameters, of: network.store, reusing: weights, pool: pool)
        self.weights = weights
        encoders.forward(images, weights, to: headRun[head.features], stride: network.configuration.features)
        if let places = head.places {
            headRun.set(places, (frames + frames).flatMap { [Float($0.demonstration), Float($0.frame)] })
        }
        return weights
    }
}
