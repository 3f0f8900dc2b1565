import Basics
import Demonstrations
import Networks
import Policies
import Safetensors
import Store

/// A diffusion policy that lerobot trained: `pretrained_model` with config.json, model.safetensors and the processors' statistics
/// (lerobot 0.4 to 0.6; before that, statistics among the weights).
///
/// Everything is compared before weights are read: fields that change what the policy answers are known or refused by name,
/// tensors are matched by name and shape both ways, statistics are there for every feature. What is right is answered by the
/// layers, the sampler and the kernels that policies trained here have.
public struct LeRobotFolder: Sendable {
    /// A camera's pictures as the policy expects them, before it resizes and crops.
    public struct Camera: Sendable, Equatable {
        public let feature: String
        public let height, width: Int
    }

    /// A low-dim feature and its number of values.
    public struct LowDim: Sendable, Equatable {
        public let feature: String
        public let width: Int
    }

    public let folder: String
    let description: LeRobotDescription
    let statistics: LeRobotStatistics
    private let weights: LeRobotWeights
    /// Steps of the training so far, or all that were planned; nil where no file tells.
    public let trainingSteps: Int?

    /// Whether a folder holds a policy of lerobot, of whatever kind. What is damaged is none: `PolicyFolder.read` says why.
    public static func isOne(_ folder: String) -> Bool {
        let path = "\(folder)/\(PolicyFolder.configuration)"
        guard FileSystem.exists(path) else { return false }
        do {
            let fields = try LeRobotFields(file: path)
            return fields.keys.contains("input_features") && fields.keys.contains("output_features")
        } catch { return false }
    }

    /// What the folder says of its policy, checked against its weights' header; no weights are read.
    /// - Throws: `Failure`: `inputMissing` for an absent file, `data` for what is not supported, missing, left over or of another
    ///   shape, by its name.
    public static func read(_ folder: String) throws -> LeRobotFolder { try LeRobotFolder(folder) }

    private init(_ folder: String) throws {
        self.folder = folder
        description = try LeRobotDescription(file: "\(folder)/\(PolicyFolder.configuration)")
        weights = try LeRobotWeights("\(folder)/\(PolicyFolder.model)")
        try LeRobotNetwork(description).check(weights, hasProcessors: FileSystem.exists("\(folder)/\(LeRobotStatistics.preprocessor)"))
        statistics = try LeRobotStatistics(folder, description, weights: weights)
        trainingSteps = try Self.trainingSteps(folder)
    }

    /// In the order of input_features: that of `Observation.images`.
    public var cameras: [Camera] {
        description.cameras.map { Camera(feature: $0.name, height: $0.shape[1], width: $0.shape[2]) }
    }

    public var state: LowDim { LowDim(feature: description.state.name, width: description.state.width) }
    public var environmentState: LowDim? { description.environment.map { LowDim(feature: $0.name, width: $0.width) } }
    /// In the order of `Observation.lowDim`: the state, then that of the environment.
    public var lowDim: [LowDim] { description.lowDim.map { LowDim(feature: $0.name, width: $0.width) } }
    public var actionFeature: String { description.action.name }
    public var actionDimension: Int { description.action.width }
    /// Horizon, observed steps and executed steps; the first executed is that of the last observed.
    public var windows: WindowLayout { description.windows }
    /// Frames at the end of an episode that no training window had as its current one.
    public var dropLastFrames: Int { description.dropLastFrames }
    /// Its own sampler.
    public var sampler: (kind: DenoisingProcess.Kind, steps: Int) { (description.process.kind, description.process.steps) }
    /// What it answers, in a few words: "ddim, 10 steps".
    public var manner: String { "\(sampler.kind.rawValue), \(sampler.steps) steps" }

    /// Between the raw values of a file and the policy's units.
    public var normalizer: Normalizer {
        Normalizer(action: statistics.action, lowDim: description.lowDim.compactMap { statistics.inputs[$0.name] })
    }

    /// How far from 0 an action that the policy was trained on may lie in its units: a range became [-1, 1], quantiles leave a few of a
    /// hundred outside, deviations have tails; nil where actions stay as they are.
    public var actionLimit: Float? {
        switch description.normalization[.action] {
        case .minMax: 1.05
        case .quantiles, .quantile10: 5
        case .meanStd: 10
        case .identity, nil: nil
        }
    }

    /// SHA-256 over every file of the folder that decides what the policy answers.
    /// - Throws: `Failure` when one cannot be read.
    public func contentHash() throws -> String {
        let names = try FileSystem.list(folder).filter { ["json", "safetensors"].contains(PathName.suffix(of: $0)) && $0 != "train_config.json" }.sorted()
        return FileHash.sha256(text: try names.map { "\($0) \(try FileHash.sha256("\(folder)/\($0)"))" }.joined(separator: "\n"))
    }

    /// The way back with a sampler.
    /// - Parameter sampler: nil for the policy's own; its steps nil for the policy's own or, of another kind, the usual ones
    /// - Throws: `Failure` (`data`) for more steps than the training had levels.
    public func process(sampler: (kind: DenoisingProcess.Kind, steps: Int?)? = nil) throws -> DenoisingProcess {
        try description.process.denoising(sampler?.kind, steps: sampler?.steps)
    }

    /// The policy with its weights.
    /// - Parameter sampler: as in `process(sampler:)`
    /// - Throws: `Failure` (`data`) for a weight that is no finite number, or more steps than levels.
    public func policy(sampler: (kind: DenoisingProcess.Kind, steps: Int?)? = nil, pool: WorkerPool) throws -> DiffusionPolicy {
        let process = try process(sampler: sampler), network = LeRobotNetwork(description)
        let pictures = description.cameras.compactMap { camera in
            statistics.inputs[camera.name].map {
                PicturePreparation(resized: description.resized, extent: description.image, channels: $0.channels)
            }
        }
        return DiffusionPolicy(
            network: network.network, parameters: try network.parameters(weights), normalizer: normalizer, process: process, pictures: pictures, pool: pool)
    }

    /// The step of the checkpoint that the folder lies in, else how many were planned.
    private static func trainingSteps(_ folder: String) throws -> Int? {
        for (path, key) in [("\(folder)/../training_state/training_step.json", "step"), ("\(folder)/train_config.json", "steps")] where FileSystem.exists(path) {
            let fields = try LeRobotFields(file: path)
            if fields.value(key) != nil { return try fields.integer(key, 0...Int(Int32.max)) }
        }
        return nil
    }
}
