import Basics
import Compute
import Demonstrations
import Images
import Networks

/// What a network's encoders make of observations: the condition that its trunk reads.
struct ObservationConditions {
    let configuration: DiffusionNetworkConfiguration
    let encoders: [EncoderPlan]  // by camera
    /// Of each camera; empty where the centre of every image is shown in [-1, 1].
    var pictures: [PicturePreparation] = []
    let weights: Weights
    let normalizer: Normalizer
    let pool: WorkerPool
    let profile: OperationProfile?

    /// The conditions [observations, G] of prepared images and normalised low-dim values: step by step the cameras' features, then the
    /// low-dim values.
    func encode(_ observations: [Observation]) -> FloatBuffer {
        let c = configuration, cameras = encoders.count, steps = c.observationSteps
        let conditions = FloatBuffer(count: observations.count * c.condition)
        let (encoders, weights, pictures) = (encoders, weights, pictures)
        let runners = encoders.map { LaneRunners($0.plan, pool: pool, profile: profile) }
        pool.run(lanes: observations.count * steps * cameras) { lane, worker in
            let camera = lane % cameras, step = lane / cameras % steps, row = lane / (cameras * steps)
            let image = observations[row].images[step][camera], encoder = encoders[camera]
            let run = runners[camera][worker: worker]
            image.pixels.withUnsafeBufferPointer { pixels in
                run[encoder.image].withUnsafeMutableBufferPointer { target in
                    if pictures.isEmpty {
                        ImagePreprocessing.crop(
                            pixels, width: image.width, size: c.image,
                            at: ImagePreprocessing.centre(width: image.width, height: image.height, size: c.image),
                            to: target)
                    } else {
                        pictures[camera].prepare(pixels, width: image.width, height: image.height, to: target)
                    }
                }
            }
            run.forward(weights)
            let features = run[encoder.features], start = row * c.condition + step * c.stepFeatures + camera * features.count
            conditions[start..<start + features.count].copy(from: features)
        }
        for (row, observation) in observations.enumerated() {
            for step in 0..<steps {
                let values = normalizer.normalizeLowDim(observation.lowDim[step])
                let start = row * c.condition + step * c.stepFeatures + cameras * c.encoder.features
                conditions[start..<start + values.count].copy(from: values)
            }
        }
        return conditions
    }
}
