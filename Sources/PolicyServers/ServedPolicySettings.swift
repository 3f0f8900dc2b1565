import Configuration
import Yams

/// What a served policy is sent and what its answers mean: the group `served` of an audit. Its keys are the audit's, since policies
/// from elsewhere have names of their own however they are reached.
///
///     audit:
///       keys: {observation/image: agentview_image, observation/state: [robot0_eef_pos, robot0_eef_quat]}
///       served: {prompt: lift the cube, first_action: current}
public struct ServedPolicySettings: Sendable, Equatable {
    /// Whether each value has a leading axis of the observed steps, oldest first, or is the last step's alone.
    public enum History: String, SettingsChoice { case last, steps }

    /// Axes of an image as uint8: [height, width, 3] or [3, height, width].
    public enum ImageLayout: String, SettingsChoice { case hwc, chw }

    /// Which step the first action of a reply belongs to: the one that is observed last, as openpi and lerobot answer, or the first
    /// observed one, as diffusion_policy predicts.
    public enum FirstAction: String, SettingsChoice {
        case current
        case firstObserved = "first_observed"
    }

    /// Empty for every key of the data file under its own name, as robomimic's policies expect.
    public var keys = SentKeys()
    public var history = History.last
    public var images = ImageLayout.hwc
    /// Sent with every request; nil for none.
    public var prompt: String?
    public var promptKey = "prompt"
    /// The key under which each sample's seed is sent, from 0 to 2^31 - 1; nil for a server that takes none. A server that starts
    /// its noise from it makes answers that can be had again.
    public var seedKey: String?
    /// The key under which each sample's noise is sent, float32 [horizon, action], standard normal; nil for a server that takes none.
    /// One that begins its way back with it, and draws nothing on the way, answers what any other program answers with its weights.
    public var noiseKey: String?
    public var firstAction = FirstAction.current
    /// Whether two answers to one observation differ. If not, one question brings every sample.
    public var stochastic = true
    public var connection = ConnectionSettings()

    public init() {}
}

extension ServedPolicySettings: SettingsGroup {
    public static var fields: [SettingsField<ServedPolicySettings>] {
        [
            SettingsField("history", \.history),
            SettingsField("images", \.images),
            SettingsField("prompt", \.prompt),
            SettingsField("prompt_key", \.promptKey, .notEmpty),
            SettingsField("seed_key", \.seedKey, Rule.notEmpty.ifPresent),
            SettingsField("noise_key", \.noiseKey, Rule.notEmpty.ifPresent),
            SettingsField("first_action", \.firstAction),
            SettingsField("stochastic", \.stochastic),
            SettingsField(group: "connection", \.connection),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let names = keys.sent.map(\.name) + extraNames
        guard let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) else { return }
        throw origins.violation(path, names[twice] == noiseKey ? "noise_key" : names[twice] == seedKey ? "seed_key" : "prompt_key", expected: "a name that nothing else is sent under", found: names[twice])
    }

    /// What is sent beside the observation, by name.
    var extraNames: [String] { (prompt == nil ? [] : [promptKey]) + [seedKey, noiseKey].compactMap { $0 } }
}

/// Which keys of the data file are sent, and under which names: a mapping of the server's name to a file's key, or to several
/// low-dim keys that are laid side by side into one array.
public struct SentKeys: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// As the server calls it.
        public let name: String
        /// Of the data file; several for an array joined of low-dim keys, in this order.
        public let keys: [String]

        public init(_ name: String, _ keys: [String]) {
            (self.name, self.keys) = (name, keys)
        }
    }

    /// Empty for every key of the file under its own name.
    public var sent: [Entry]

    public init(_ sent: [Entry] = []) { self.sent = sent }
}

extension SentKeys: SettingsValue {
    public static let form = "a mapping of the server's names to keys of the data file, {} for every key under its own name"

    public static func decode(_ node: ConfigurationNode) throws -> SentKeys {
        guard case .mapping(let mapping) = node.node else { throw node.wrongType(expected: form) }
        return SentKeys(
            try mapping.map { name, value in
                let value = ConfigurationNode(value, source: node.source, path: node.path + [name.string ?? "?"], line: name.mark?.line)
                guard case .scalar(let scalar) = name, !scalar.string.isEmpty else { throw value.wrongType(expected: "a name of the server's") }
                if case .sequence = value.node {
                    let keys = try [String].decode(value)
                    guard !keys.isEmpty else { throw value.wrongType(expected: "a key of the data file, or a list of low-dim keys") }
                    return Entry(scalar.string, keys)
                }
                return Entry(scalar.string, [try String.decode(value)])
            })
    }

    public var yaml: Node {
        Node(sent.map { (Node($0.name, .implicit, .doubleQuoted), $0.keys.count == 1 ? $0.keys[0].yaml : $0.keys.yaml) }, .implicit, .flow)
    }

    public var shown: String { "{\(sent.map { "\($0.name): \($0.keys.joined(separator: " + "))" }.joined(separator: ", "))}" }
}
