import Basics
import Compute
import Demonstrations
import Networks
import Policies

/// A few demonstrations in memory, with networks to match. An action is (demonstration, frame) scaled to [0, 1], so
/// that a sequence says where it comes from. Images are noise of their own, unlike each other.
struct TinyDemonstrations {
    static let cameras = [
        Camera(key: "front_image", height: 14, width: 16), Camera(key: "hand_image", height: 14, width: 16),
    ]
    static let process = DenoisingProcess(.ddpm, schedule: NoiseSchedule(steps: 100), steps: 100)
    static let layout = WindowLayout(horizon: 8, observationSteps: 2, executedSteps: 4)

    let set: DemonstrationSet
    let lengths: [Int]

    init(lengths: [Int] = [12, 9, 15], cameras: [Camera] = Self.cameras, seed: Seed = Seed(11)) {
        self.lengths = lengths
        let episodes = lengths.enumerated().map { index, length in
            Episode(
                name: "demo_\(index)", length: length,
                actions: (0..<length).flatMap { [Float(index) / 32, Float($0) / 32] },
                lowDim: (0..<length).flatMap { [Float(index), Float($0), Float(index * $0)] })
        }
        var source = RandomSource(seed / "pixels")
        let bytes = cameras.reduce(0) { $0 + $1.frameByteCount } * lengths.reduce(0, +)
        set = DemonstrationSet(
            path: "memory", cameras: cameras, lowDimKeys: [LowDimKey(key: "state", width: 3)], actionDimension: 2,
            episodes: episodes, environment: nil, pixels: (0..<bytes).map { _ in UInt8(source.index(below: 256)) })
    }

    var windows: [Window] { Self.layout.windows(in: set, demonstrations: Array(lengths.indices)) }
    var frames: [FrameReference] { windows.map(Self.layout.currentFrame) }
    var normalizer: Normalizer { .fit(set, demonstrations: Array(lengths.indices)) }

    func observation(_ demonstration: Int, _ frame: Int) -> Observation {
        set.observation(FrameReference(demonstration: demonstration, frame: frame), steps: 2)
    }

    func actions(_ demonstration: Int, _ frame: Int) -> [Float] {
        let window = Self.layout.window(at: FrameReference(demonstration: demonstration, frame: frame))
        return Self.layout.actions(of: window, in: set)
    }

    /// - Parameter channels: of the U-Net's levels
    func diffusionNetwork(channels: [Int] = [8, 16]) -> DiffusionNetwork {
        DiffusionNetwork(
            .init(
                cameras: set.cameras.map(\.key), imageSize: 12, lowDimDimension: 3, actionDimension: 2, horizon: 8,
                observationSteps: 2, encoder: .init { ($0.channels, $0.keypoints, $0.features) = ([4, 8], 4, 6) },
                unet: .init { ($0.downDims, $0.stepEmbedding) = (channels, 8) }))
    }

    func contrastiveEncoder() -> ContrastiveEncoder {
        ContrastiveEncoder(
            .init(
                cameraCount: 2, imageSize: 12,
                encoder: .init {
                    ($0.image.channels, $0.image.keypoints, $0.image.features) = ([4, 8], 4, 8)
                    $0.embedding = 8
                }))
    }

    func diffusionTrainer(batchSize: Int = 4, workers: Int = 1, heldout: [Window] = []) -> DiffusionTrainer {
        DiffusionTrainer(
            name: "diffusion", diffusionNetwork(),
            .init {
                ($0.steps, $0.batchSize, $0.warmupSteps) = (6, batchSize, 2)
                ($0.learningRate, $0.betas, $0.weightDecay) = (1e-2, [0.9, 0.999], 0)
            }, objective: .generative(Self.process),
            set: set, layout: Self.layout, windows: windows, heldout: heldout, normalizer: normalizer, seed: Seed(21),
            pool: WorkerPool(workers: workers))
    }

    func contrastiveTrainer(
        batchSize: Int = 4, workers: Int = 1, spared: Int = 0, heldout: [FrameReference] = []
    ) -> EncoderTrainer {
        EncoderTrainer(
            name: "alt", contrastiveEncoder(),
            .init { ($0.epochs, $0.batchSize, $0.learningRate, $0.sparedNeighbours) = (2, batchSize, 1e-2, spared) }, set: set,
            frames: frames, heldout: heldout, seed: Seed(22), pool: WorkerPool(workers: workers))
    }

    func autoencoderTrainer(
        batchSize: Int = 4, workers: Int = 1, jitter: Double = 0.2, heldout: [FrameReference] = []
    ) -> EncoderTrainer {
        let image = contrastiveEncoder().configuration.encoder.image
        let network = ImageAutoencoder(.init(cameraCount: 2, imageSize: 12, image: image), square: 3)
        return EncoderTrainer(
            name: "alt-autoencoder", network,
            .init {
                ($0.epochs, $0.batchSize, $0.learningRate) = (2, batchSize, 1e-2)
                $0.augmentation.brightness = jitter
            }, set: set, frames: frames, heldout: heldout, seed: Seed(22), pool: WorkerPool(workers: workers))
    }

    func table(threshold: Double = 0.5, workers: Int = 2) -> ActionLookupTable {
        let key = EmbeddingKey(embedding(workers: workers))
        return ActionLookupTable(
            key: key, rows: .init(key, set: set, layout: Self.layout, windows: windows), threshold: threshold,
            pool: WorkerPool(workers: workers))
    }

    func embedding(workers: Int) -> ObservationEmbedding {
        let network = contrastiveEncoder()
        return ObservationEmbedding(
            network, parameters: network.store.makeInitialized(Seed(23)), pool: WorkerPool(workers: workers))
    }

    func diffusionPolicy(workers: Int, steps: Int = 4, channels: [Int] = [8, 16]) -> DiffusionPolicy {
        let network = diffusionNetwork(channels: channels)
        return DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(Seed(24)),
            normalizer: normalizer,
            process: DenoisingProcess(.ddpm, schedule: NoiseSchedule(steps: 100), steps: steps),
            pool: WorkerPool(workers: workers))
    }
}
