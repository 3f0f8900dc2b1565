import Basics
import Safetensors

/// The maps of a lerobot policy's features, read from its two processors and their statistics; of older checkpoints from
/// buffers among the weights.
///
/// lerobot itself leaves a feature as it is when its statistics are missing, and says nothing. Here that is an error.
struct LeRobotStatistics: Sendable {
    /// By feature.
    let inputs: [String: LeRobotMap]
    let action: LeRobotMap

    static let preprocessor = "policy_preprocessor.json", postprocessor = "policy_postprocessor.json"

    /// - Parameters:
    ///   - weights: of the policy
    /// - Throws: `Failure`: `inputMissing` for an absent file, `data` for a statistic that is missing, of another shape or not
    ///   finite, and where the two processors do not belong to each other or to the description.
    init(_ folder: String, _ description: LeRobotDescription, weights: LeRobotWeights) throws {
        let before = "\(folder)/\(Self.preprocessor)"
        if FileSystem.exists(before) {
            try self.init(
                description, before: Processor(before, step: "normalizer_processor", folder, description),
                after: Processor("\(folder)/\(Self.postprocessor)", step: "unnormalizer_processor", folder, description))
            return
        }
        guard !weights.buffers.isEmpty else {
            throw Failure(
                .inputMissing, "a lerobot policy's statistics are missing", at: before, expected: "\(Self.preprocessor), or normalize_inputs.* among the weights",
                found: "neither", remedy: LeRobotFields.remedy)
        }
        try self.init(description, buffers: weights)
    }

    private init(_ description: LeRobotDescription, before: Processor, after: Processor) throws {
        var inputs: [String: LeRobotMap] = [:]
        for feature in description.inputs { inputs[feature.name] = try before.map(feature) }
        let action = try after.map(description.action), trained = try before.map(description.action)
        try Self.check(action, trained, before.location("\(description.action.name)"), after.location("\(description.action.name)"))
        (self.inputs, self.action) = (inputs, action)
    }

    private init(_ description: LeRobotDescription, buffers weights: LeRobotWeights) throws {
        /// Every dot of a feature's name became an underscore, so that two features may have become one.
        func buffer(_ name: String) -> String { name.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "_") }
        var names: [String: String] = [:]
        for feature in description.inputs {
            if let other = names.updateValue(feature.name, forKey: buffer(feature.name)) {
                throw Failure(
                    .data, "two features have the same buffers", at: "\(weights.path), normalize_inputs.buffer_\(buffer(feature.name))",
                    expected: "names that differ after dots became underscores", found: "\(other), \(feature.name)", remedy: "convert the checkpoint with lerobot's migration script")
            }
        }
        var used: Set<String> = []
        func map(_ feature: LeRobotDescription.Feature, _ group: String) throws -> LeRobotMap {
            let mode = description.normalization[feature.type] ?? .identity
            return try LeRobotMap(mode, width: feature.channels, .widened(1e-8)) { statistic in
                let name = "\(group).buffer_\(buffer(feature.name)).\(statistic)"
                used.insert(name)
                return (try weights.statistic(name, feature), "\(weights.path), tensor \(name)")
            }
        }
        var inputs: [String: LeRobotMap] = [:]
        for feature in description.inputs { inputs[feature.name] = try map(feature, "normalize_inputs") }
        let action = try map(description.action, "unnormalize_outputs"), trained = try map(description.action, "normalize_targets")
        try Self.check(action, trained, "normalize_targets of \(weights.path)", "unnormalize_outputs of \(weights.path)")
        if let stranger = weights.buffers.first(where: { !used.contains($0) }) {
            throw Failure(
                .data, "a tensor belongs to nothing in the description", at: "\(weights.path), tensor \(stranger)",
                expected: "buffers of \((description.inputs + [description.action]).map(\.name).shown)", found: "a buffer of something else",
                remedy: "check that config.json and the weights belong to each other")
        }
        (self.inputs, self.action) = (inputs, action)
    }

    /// What is undone after an answer must be what was done to the actions of the training.
    private static func check(_ action: LeRobotMap, _ trained: LeRobotMap, _ before: String, _ after: String) throws {
        guard action != trained else { return }
        throw Failure(
            .data, "actions are brought out of the policy's units in another way than into them", at: after, expected: "the statistics of \(before)",
            found: "others", remedy: "take both processors from one checkpoint")
    }
}

extension LeRobotDescription.Feature {
    /// Numbers of each of its statistics: of a picture one for each channel.
    var channels: Int { type == .visual ? 3 : width }
    /// Shapes that lerobot gives a statistic.
    var statisticShapes: [[Int]] { type == .visual ? [[3, 1, 1], [3]] : [[width]] }
}

/// One of a policy's two processors: what it normalises, and its statistics under "<feature>.<statistic>".
private struct Processor {
    private let path: String
    private let modes: [LeRobotDescription.FeatureType: LeRobotNormalization]
    private let epsilon: Double
    private let features: LeRobotFields
    /// Observations that are normalised; nil for all.
    private let chosen: [String]?
    private let statistics: SafetensorsIndex

    init(_ path: String, step: String, _ folder: String, _ description: LeRobotDescription) throws {
        self.path = path
        let file = try LeRobotFields(file: path), steps = try file.objects("steps")
        var normalizer: LeRobotFields?
        for found in steps {
            let name = try found.text("registry_name")
            switch name {
            case step where normalizer == nil: normalizer = found
            // Moving numbers between devices and adding a batch axis changes none of them.
            case "to_batch_processor": break
            case "device_processor":
                let config = try found.object("config")
                if config.value("float_dtype") != nil { _ = try config.choice("float_dtype", ["float32": true]) }
            case "rename_observations_processor":
                let names = try found.object("config").object("rename_map").keys
                guard names.isEmpty else {
                    throw found.refused("config.rename_map", expected: "no other names for the data's features", found: names.shown)
                }
            default: throw found.refused("registry_name", expected: "one \(step), and steps that change no numbers", found: name)
            }
        }
        guard let normalizer else {
            throw Failure(
                .data, "a processor does not normalise", at: path, expected: "a step \(step)", found: try steps.map { try $0.text("registry_name") }.shown,
                remedy: LeRobotFields.remedy)
        }
        let config = try normalizer.object("config"), mapping = try config.object("norm_map")
        modes = try LeRobotNormalization.mapping(mapping)
        for type in LeRobotDescription.FeatureType.allCases where modes[type] != description.normalization[type] {
            throw Failure(
                .data, "a processor normalises in another way than the description says", at: mapping.location(type.rawValue),
                expected: description.normalization[type]?.rawValue ?? "nothing", found: modes[type]?.rawValue ?? "nothing",
                remedy: "take config.json and both processors from one checkpoint")
        }
        epsilon = try config.number("eps", expected: "from 0 to 1") { (0...1).contains($0) }
        features = try config.object("features")
        if case .array(let values) = config.value("normalize_observation_keys") {
            chosen = values.compactMap { if case .string(let name) = $0 { name } else { nil } }
        } else {
            chosen = nil
        }
        let name = try normalizer.text("state_file")
        guard !name.contains("/"), name != ".." else {
            throw normalizer.refused("state_file", expected: "a file beside the processor", found: name)
        }
        statistics = try SafetensorsIndex("\(folder)/\(name)")
    }

    func location(_ feature: String) -> String { "\(statistics.path), \(feature)" }

    func map(_ feature: LeRobotDescription.Feature) throws -> LeRobotMap {
        let mode = modes[feature.type] ?? .identity
        if mode != .identity, feature.type != .action {
            guard features.keys.contains(feature.name) else {
                throw Failure(
                    .data, "a processor leaves out a feature", at: features.location(feature.name), expected: "\(feature.name), \(mode.rawValue)",
                    found: features.keys.shown, remedy: "take config.json and both processors from one checkpoint")
            }
            let type = try features.object(feature.name).text("type")
            guard type == feature.type.rawValue else {
                throw features.refused("\(feature.name).type", expected: "\(feature.type.rawValue), as in config.json", found: type)
            }
            if let chosen, !chosen.contains(feature.name) { return .identity(feature.channels) }
        }
        return try LeRobotMap(mode, width: feature.channels, .replaced(epsilon)) { statistic in
            let name = "\(feature.name).\(statistic)"
            return (try statistics.statistic(name, feature), "\(statistics.path), tensor \(name)")
        }
    }
}

extension SafetensorsIndex {
    /// A statistic of a feature, in one of the shapes that lerobot gives it.
    fileprivate func statistic(_ name: String, _ feature: LeRobotDescription.Feature) throws -> [Float] {
        guard let shape = shape(name) else {
            throw Failure(
                .data, "a statistic is missing", at: "\(path), tensor \(name)", expected: "shape \(feature.statisticShapes[0])",
                found: names.isEmpty ? "no tensors" : names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", ..." : ""), remedy: LeRobotFields.remedy)
        }
        guard feature.statisticShapes.contains(shape) else {
            throw Failure(
                .data, "a statistic has another shape", at: "\(path), tensor \(name)", expected: feature.statisticShapes.map(\.shown).joined(separator: " or "),
                found: "\(shape)", remedy: "check that config.json and the statistics belong to each other")
        }
        return try finite(name)
    }
}

extension LeRobotWeights {
    fileprivate func statistic(_ name: String, _ feature: LeRobotDescription.Feature) throws -> [Float] { try index.statistic(stored(name), feature) }
}
