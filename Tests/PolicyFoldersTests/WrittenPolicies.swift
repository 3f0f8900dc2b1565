import Basics
import Compute
import Demonstrations
import Networks
import Policies
import PolicyFolders
import TestSupport

/// A small diffusion policy and a small lookup table, as they are in memory and as folders.
struct WrittenPolicies {
    static let layout = WindowLayout(horizon: 8, observationSteps: 2, executedSteps: 4)
    let pool = WorkerPool(workers: 2)
    let set: DemonstrationSet
    let folder: String

    /// - Parameter cameras: sides of the images, height and width
    init(cameras: [String] = ["front_image", "hand_image"], height: Int = 14, width: Int = 17) throws {
        var source = RandomSource(Seed(5))
        let lengths = [12, 9, 15]
        let episodes = lengths.enumerated().map { index, length in
            Episode(
                name: "demo_\(2 * index)", length: length, actions: (0..<2 * length).map { _ in Float(source.uniform(-30, 30)) },
                lowDim: (0..<3 * length).map { _ in Float(source.uniform(-2, 2)) })
        }
        let cameras = cameras.map { Camera(key: $0, height: height, width: width) }
        let bytes = cameras.reduce(0) { $0 + $1.frameByteCount } * lengths.reduce(0, +)
        set = DemonstrationSet(
            path: "memory", cameras: cameras, lowDimKeys: [LowDimKey(key: "pose", width: 2), LowDimKey(key: "gripper", width: 1)],
            actionDimension: 2, episodes: episodes, environment: nil, pixels: (0..<bytes).map { _ in UInt8(source.index(below: 256)) })
        folder = try SharedData.temporaryFolder()
    }

    var normalizer: Normalizer { .fit(set, demonstrations: [0, 1]) }
    var windows: [Window] { Self.layout.windows(in: set, demonstrations: [0, 1]) }
    /// Of a demonstration that nothing was made from.
    func observation(_ frame: Int = 5) -> Observation { set.observation(FrameReference(demonstration: 2, frame: frame), steps: 2) }

    private var interface: PolicyInterface {
        PolicyInterface { ($0.observation, $0.actionDimension, $0.windows, $0.imageSize) = (ObservedKeys(set), 2, Self.layout, 12) }
    }

    var storedDiffusion: StoredDiffusion {
        StoredDiffusion(interface) {
            ($0.encoder.channels, $0.encoder.keypoints, $0.encoder.features) = ([4, 8], 4, 6)
            ($0.unet.downDims, $0.unet.stepEmbedding, $0.unet.groupCount) = ([8, 16], 8, 4)
            ($0.noise.steps, $0.samplers.ddpm, $0.samplers.ddim) = (20, 10, 4)
        }
    }

    /// Writes `stored` and gives the same policy as it is in memory.
    func diffusion(_ stored: StoredDiffusion) throws -> DiffusionPolicy {
        let network = DiffusionNetwork(
            .init(
                cameras: set.cameras.map(\.key), imageSize: stored.interface.imageSize, lowDimDimension: 3, actionDimension: 2, horizon: 8, observationSteps: 2,
                encoder: stored.encoder, unet: stored.unet))
        let parameters = network.store.makeInitialized(Seed(24))
        try stored.write(
            to: "\(folder)/diffusion", parameters: network.store.tensors(of: parameters), normalizer, example: observation(), pool: pool)
        return DiffusionPolicy(
            network: network, parameters: parameters, normalizer: normalizer,
            process: DenoisingProcess(
                stored.sampler, schedule: stored.noise.schedule, steps: stored.samplers.steps(stored.sampler), clipsPrediction: stored.noise.clip),
            pool: pool)
    }

    /// Writes a table with a key of its own and gives the same table as it is in memory.
    func table(_ layer: StoredLookupTable.Key.Layer, pose: Bool, _ trunk: ContrastiveEncoderConfiguration.Trunk = .compact) throws -> ActionLookupTable {
        var stored = StoredLookupTable(interface) {
            ($0.encoder.image.channels, $0.encoder.image.keypoints, $0.encoder.image.features, $0.encoder.embedding) = ([4, 8], 4, 8, 5)
            $0.encoder.trunk = trunk
            ($0.demonstrations, $0.key.layer) = (set.episodes.map(\.name), layer)
        }
        let network = ContrastiveEncoder(.init(cameraCount: set.cameras.count, imageSize: 12, encoder: stored.encoder))
        let parameters = network.store.makeInitialized(Seed(23))
        let images = EmbeddingKey(ObservationEmbedding(network, parameters: parameters, pool: pool), layer == .head ? .head : .features)
        let joined = pose ? JoinedKey(images, PoseKey(normalizer), windows: windows, in: set, layout: Self.layout) : nil
        let key: any ObservationKey = joined ?? images
        if !pose { (stored.interface.observation.lowDim, stored.interface.observation.lowDimWidths) = ([], []) }
        stored.key.scales = joined.map { [Double($0.scales.0), Double($0.scales.1)] }
        let rows = ActionLookupTable.Rows(key, set: set, layout: Self.layout, windows: windows), threshold: Float = pose ? -1.25 : 0.75
        try stored.write(
            to: "\(folder)/alt", parameters: network.store.tensors(of: parameters), normalizer, rows: rows, threshold: Double(threshold),
            example: observation(), pool: pool)
        return ActionLookupTable(key: key, rows: rows, threshold: Double(threshold), pool: pool)
    }
}
