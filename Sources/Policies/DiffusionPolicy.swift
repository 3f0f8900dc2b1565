import Basics
import Compute
import Demonstrations
import Networks

/// Samples action sequences by denoising, conditioned on the encoded observation history (Chi et al. 2023).
public final class DiffusionPolicy: Policy, @unchecked Sendable {
    public let name: String
    public let isStochastic = true
    private let configuration: DiffusionNetworkConfiguration
    private let parameters: FloatBuffer
    private let normalizer: Normalizer
    private let sampler: DiffusionSampler
    private let pool: WorkerPool
    private let encoders: [EncoderPlan]
    /// U-Net plans for one sample (a robot's query) and for a lane of many.
    private let single, many: DiffusionNetwork.DenoiserPlan
    private static let laneSize = 16

    /// - Parameter parameters: the weights to sample with, usually the EMA.
    public init(
        name: String, network: DiffusionNetwork, parameters: FloatBuffer, normalizer: Normalizer,
        sampler: DiffusionSampler, pool: WorkerPool
    ) {
        self.name = name
        configuration = network.configuration
        self.parameters = parameters
        self.normalizer = normalizer
        self.sampler = sampler
        self.pool = pool
        encoders = configuration.cameras.indices.map(network.encoderPlan)
        single = network.denoiserPlan(batch: 1)
        many = network.denoiserPlan(batch: Self.laneSize)
    }

    /// Multiplications and additions of one query with this sampler.
    public var flops: Int {
        configuration.observationSteps * encoders.reduce(0) { $0 + $1.plan.flops }
            + sampler.timesteps.count * single.plan.flops
    }

    /// Bytes a single query works with: parameters, activations of the encoders and of the U-Net.
    public var memoryBytes: Int {
        let plans = encoders.map(\.plan) + [single.plan]
        return (parameters.count + plans.reduce(0) { $0 + $1.slabCount + $1.scratchCount }) * MemoryLayout<Float>.stride
    }

    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
        let conditions = encode(observations)
        let rows = observations.count * samples
        let denoiser = rows < Self.laneSize ? single : many
        let laneSize = denoiser.step.shape[0], laneCount = (rows + laneSize - 1) / laneSize
        let chunk = configuration.horizon * configuration.actionDimension
        let actions = FloatBuffer(count: laneCount * laneSize * chunk)
        let (parameters, sampler, width) = (parameters, sampler, configuration.condition)
        pool.run(lanes: laneCount) { lane, _ in
            let workspace = Workspace(denoiser.plan), scratch = FloatBuffer(count: denoiser.plan.scratchCount)
            // Rows past the last repeat it, so that every lane has the same size.
            let lanes = (0..<laneSize).map { min(lane * laneSize + $0, rows - 1) }
            var sources = lanes.map { RandomSource(seed / ($0 / samples) / ($0 % samples)) }
            let x = UnsafeMutableBufferPointer(start: actions.pointer + lane * laneSize * chunk, count: laneSize * chunk)
            let noise = FloatBuffer(count: laneSize * chunk)
            func draw(to target: UnsafeMutablePointer<Float>) {
                for b in 0..<laneSize {
                    for i in 0..<chunk { target[b * chunk + i] = Float(sources[b].normal()) }
                }
            }
            for (b, row) in lanes.enumerated() {
                let start = workspace[denoiser.condition].baseAddress.unsafelyUnwrapped + b * width
                start.update(from: conditions.pointer + row / samples * width, count: width)
            }
            draw(to: actions.pointer + lane * laneSize * chunk)
            for (index, timestep) in sampler.timesteps.enumerated() {
                _ = workspace[denoiser.sample].update(fromContentsOf: x)
                workspace[denoiser.step].update(repeating: Float(timestep))
                denoiser.plan.forward(workspace, parameters: parameters, scratch: scratch)
                if sampler.drawsNoise(index) { draw(to: noise.pointer) }
                sampler.step(
                    index, x, epsilon: UnsafeBufferPointer(workspace[denoiser.prediction]),
                    noise: UnsafeBufferPointer(start: noise.pointer, count: noise.count))
            }
        }
        return observations.indices.map { observation in
            (0..<samples).map { sample in
                let start = (observation * samples + sample) * chunk
                let normalised = Array(UnsafeBufferPointer(start: actions.pointer + start, count: chunk))
                return Prediction(actions: normalizer.denormalizeActions(normalised))
            }
        }
    }

    /// The global conditions [observations, G] of centre-cropped images and normalised low-dim values.
    public func encode(_ observations: [Observation]) -> FloatBuffer {
        let c = configuration, cameras = encoders.count, steps = c.observationSteps
        let conditions = FloatBuffer(count: observations.count * c.condition)
        let (encoders, parameters) = (encoders, parameters)
        let memories = (0..<pool.workers).map { _ in
            encoders.map { EncoderMemory($0.plan) }
        }
        pool.run(lanes: observations.count * steps * cameras) { lane, worker in
            let camera = lane % cameras, step = lane / cameras % steps, row = lane / (cameras * steps)
            let image = observations[row].images[step][camera], encoder = encoders[camera]
            let memory = memories[worker][camera]
            image.pixels.withUnsafeBufferPointer { pixels in
                ImagePreprocessing.crop(
                    pixels, width: image.width, size: c.imageSize,
                    at: ImagePreprocessing.centre(width: image.width, height: image.height, size: c.imageSize),
                    to: memory.workspace[encoder.image].baseAddress.unsafelyUnwrapped)
            }
            encoder.plan.forward(memory.workspace, parameters: parameters, scratch: memory.scratch)
            let target = conditions.pointer + row * c.condition + step * c.stepFeatures + camera * c.encoder.features
            target.update(
                from: memory.workspace[encoder.features].baseAddress.unsafelyUnwrapped, count: c.encoder.features)
        }
        for (row, observation) in observations.enumerated() {
            for step in 0..<steps {
                let values = normalizer.normalizeLowDim(observation.lowDim[step])
                let target = conditions.pointer + row * c.condition + step * c.stepFeatures + cameras * c.encoder.features
                target.update(from: values, count: values.count)
            }
        }
        return conditions
    }
}

/// What one worker needs to run an encoder.
final class EncoderMemory: @unchecked Sendable {
    let workspace: Workspace
    let scratch: FloatBuffer

    init(_ plan: Plan) {
        workspace = Workspace(plan)
        scratch = FloatBuffer(count: plan.scratchCount)
    }
}
