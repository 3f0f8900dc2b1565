import Basics
import Demonstrations
import Networks

/// What config.json of a lerobot diffusion policy says, as far as it changes what the policy answers (lerobot 0.4 to 0.6,
/// `configuration_diffusion.py`).
struct LeRobotDescription: Sendable, Equatable {
    /// The kinds of features, as lerobot names them.
    enum FeatureType: String, CaseIterable, Sendable {
        case visual = "VISUAL", state = "STATE", environment = "ENV", action = "ACTION", reward = "REWARD", language = "LANGUAGE"
    }

    struct Feature: Sendable, Equatable {
        let name: String
        let type: FeatureType
        let shape: [Int]
        var width: Int { shape[0] }
    }

    static let state = "observation.state", action = "action"

    /// In the order of input_features, which is that of their encoders and of their features in the condition.
    let cameras: [Feature]
    let state: Feature
    let environment: Feature?
    let action: Feature
    let windows: WindowLayout
    let dropLastFrames: Int
    let normalization: [FeatureType: LeRobotNormalization]
    /// What the cameras give; nil without cameras.
    let stored: ImageExtent?
    let resized: ImageExtent?
    /// What the encoders see.
    let image: ImageExtent
    let sharesEncoder: Bool
    let hasBatchNorm: Bool
    let encoder: ImageEncoderConfiguration
    let unet: UnetConfiguration
    /// Whether FiLM scales; else it only adds.
    let modulatesScale: Bool
    let process: LeRobotProcess

    /// Everything that is read with the mapping of features.
    var inputs: [Feature] { cameras + [state] + (environment.map { [$0] } ?? []) }
    /// Low-dim values of one step: the state, then that of the environment.
    var lowDim: [Feature] { [state] + (environment.map { [$0] } ?? []) }

    init(file path: String) throws {
        let fields = try LeRobotFields(file: path)
        _ = try fields.choice("type", ["diffusion": true])
        if fields.value("use_peft") == .bool(true) {
            throw fields.refused("use_peft", expected: "false: weights that are whole", found: "true", remedy: "merge the adapter into the policy with lerobot first")
        }
        let inputs = try Self.features(fields, "input_features"), outputs = try Self.features(fields, "output_features")
        cameras = inputs.filter { $0.type == .visual }
        guard let state = inputs.first(where: { $0.name == Self.state }) else {
            throw fields.refused("input_features", expected: "\(Self.state), which lerobot's network always reads", found: inputs.map(\.name).shown)
        }
        guard let action = outputs.first(where: { $0.name == Self.action }) else {
            throw fields.refused("output_features", expected: Self.action, found: outputs.map(\.name).shown)
        }
        self.state = try Self.vector(state, .state, fields, "input_features")
        self.action = try Self.vector(action, .action, fields, "output_features")
        environment = try inputs.first { $0.type == .environment }.map { try Self.vector($0, .environment, fields, "input_features") }
        guard !cameras.isEmpty || environment != nil else {
            throw fields.refused("input_features", expected: "a picture or the environment's state", found: inputs.map(\.name).shown)
        }
        let modes = try fields.object("normalization_mapping")
        normalization = try LeRobotNormalization.mapping(modes)
        unet = try Self.unet(fields)
        modulatesScale = try fields.flag("use_film_scale_modulation")
        windows = try Self.windows(fields, multiple: 1 << unet.downDims.count)
        dropLastFrames = try fields.integer("drop_n_last_frames", 0...1024)
        process = try LeRobotProcess(fields)

        (stored, resized, image) = try Self.pictures(cameras, fields)
        sharesEncoder = try !cameras.isEmpty && !fields.flag("use_separate_rgb_encoder_per_camera")
        hasBatchNorm = try !fields.flag("use_group_norm")
        encoder = try Self.encoder(fields, hasBatchNorm: hasBatchNorm)
        let map = encoder.featureMap(of: image)
        if !cameras.isEmpty, map.height < 2 || map.width < 2 {
            throw fields.refused("input_features", expected: "pictures that leave 2 x 2 positions after five halvings", found: "\(image), which leaves \(map)")
        }
    }

    private static func features(_ fields: LeRobotFields, _ key: String) throws -> [Feature] {
        let object = try fields.object(key)
        return try object.keys.map { name in
            let feature = try object.object(name), type = try feature.text("type")
            guard let known = FeatureType(rawValue: type) else {
                throw feature.refused("type", expected: FeatureType.allCases.map(\.rawValue).joined(separator: ", "), found: type)
            }
            return Feature(name: name, type: known, shape: try feature.integers("shape", 1...65_536, count: 1...3))
        }
    }

    private static func vector(_ feature: Feature, _ type: FeatureType, _ fields: LeRobotFields, _ key: String) throws -> Feature {
        guard feature.type == type, feature.shape.count == 1, feature.width <= 10_000 else {
            throw fields.refused(
                "\(key).\(feature.name)", expected: "\(type.rawValue) of up to 10,000 values", found: "\(feature.type.rawValue) of shape \(feature.shape)")
        }
        return feature
    }

    private static func windows(_ fields: LeRobotFields, multiple: Int) throws -> WindowLayout {
        let observed = try fields.integer("n_obs_steps", 1...64), horizon = try fields.integer("horizon", 1...1024)
        guard horizon % multiple == 0 else {
            throw fields.refused("horizon", expected: "a multiple of \(multiple): every level of down_dims halves it", found: "\(horizon)")
        }
        let most = horizon - observed + 1
        guard most >= 1 else { throw fields.refused("n_obs_steps", expected: "at most horizon = \(horizon)", found: "\(observed)") }
        let executed = try fields.integer("n_action_steps", 1...1024)
        guard executed <= most else {
            throw fields.refused("n_action_steps", expected: "at most horizon - n_obs_steps + 1 = \(most)", found: "\(executed)")
        }
        return WindowLayout(horizon: horizon, observationSteps: observed, executedSteps: executed)
    }

    private static func unet(_ fields: LeRobotFields) throws -> UnetConfiguration {
        var unet = UnetConfiguration()
        unet.downDims = try fields.integers("down_dims", 1...8192, count: 1...6)
        unet.kernelSize = try fields.integer("kernel_size", 1...31)
        guard unet.kernelSize % 2 == 1 else { throw fields.refused("kernel_size", expected: "an odd number", found: "\(unet.kernelSize)") }
        unet.stepEmbedding = try fields.integer("diffusion_step_embed_dim", 4...4096)
        guard unet.stepEmbedding % 2 == 0 else {
            throw fields.refused("diffusion_step_embed_dim", expected: "an even number", found: "\(unet.stepEmbedding)")
        }
        unet.groupCount = try fields.integer("n_groups", 1...256)
        if let width = unet.downDims.first(where: { $0 % unet.groupCount != 0 }) {
            throw fields.refused("down_dims", expected: "multiples of n_groups = \(unet.groupCount)", found: "\(width)")
        }
        // lerobot makes the last block without handing its groups on: it always has eight.
        let last = 8
        unet.finalGroupCount = last
        guard unet.downDims[0] % last == 0 else {
            throw fields.refused("down_dims", expected: "a first width that the last block's \(last) groups divide", found: "\(unet.downDims[0])")
        }
        return unet
    }

    private static func encoder(_ fields: LeRobotFields, hasBatchNorm: Bool) throws -> ImageEncoderConfiguration {
        var encoder = ImageEncoderConfiguration()
        encoder.variant = .resnet18
        encoder.stageBlocks = try fields.choice("vision_backbone", ["resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3]])
        encoder.channels = [64, 128, 256, 512]
        encoder.keypoints = try fields.integer("spatial_softmax_num_keypoints", 1...1024)
        encoder.features = 2 * encoder.keypoints
        encoder.normalization = hasBatchNorm ? .folded : .group
        return encoder
    }

    /// The sides of the pictures: as stored, resized, and as the encoders see them.
    private static func pictures(
        _ cameras: [Feature], _ fields: LeRobotFields
    ) throws -> (stored: ImageExtent?, resized: ImageExtent?, image: ImageExtent) {
        func extent(_ sides: [Int]) -> ImageExtent { ImageExtent(height: sides[0], width: sides[1]) }
        // Not read by any network.
        guard let first = cameras.first else { return (nil, nil, ImageExtent(square: 64)) }
        for camera in cameras {
            let sides = camera.shape.dropFirst()
            guard camera.shape.count == 3, camera.shape[0] == 3, sides.allSatisfy({ $0 <= 4096 }) else {
                throw fields.refused("input_features.\(camera.name)", expected: "a picture [3, height, width] up to 4,096 a side", found: camera.shape.shown)
            }
            guard camera.shape == first.shape else {
                throw fields.refused("input_features.\(camera.name)", expected: "the shape of \(first.name), \(first.shape)", found: camera.shape.shown)
            }
        }
        let stored = extent(Array(first.shape.dropFirst()))
        if fields.value("resize_shape") != nil {
            let resized = try extent(fields.integers("resize_shape", 1...4096, count: 2...2))
            // With a size to resize to, lerobot crops by the ratio and nothing else.
            let ratio = fields.value("crop_ratio") == nil ? 1 : try fields.number("crop_ratio", expected: "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
            let crop = ImageExtent(height: Int(Double(resized.height) * ratio), width: Int(Double(resized.width) * ratio))
            guard crop.height > 0, crop.width > 0 else { throw fields.refused("crop_ratio", expected: "a ratio that leaves a picture", found: "\(ratio)") }
            return (stored, resized, ratio < 1 ? crop : resized)
        }
        guard fields.value("crop_shape") != nil else { return (stored, nil, stored) }
        let crop = try extent(fields.integers("crop_shape", 1...4096, count: 2...2))
        guard crop.height <= stored.height, crop.width <= stored.width else {
            throw fields.refused("crop_shape", expected: "at most the pictures' \(stored)", found: "\(crop)")
        }
        return (stored, nil, crop)
    }
}
