import Basics
import Compute
import Configuration
import Demonstrations
import Networks
import Policies
import Safetensors

/// An Action Lookup Table in a folder: `model.safetensors` holds its encoder, `table.safetensors` its rows.
public struct StoredLookupTable: StoredPolicy {
    public static let kind = PolicyKind.lookupTable
    /// In a run's folder of policies.
    public static let folder = "alt"

    /// Every image is resampled to the square, whole.
    public var interface = PolicyInterface(Self.kind)
    public var encoder = ContrastiveEncoderConfiguration()
    public var key = Key()
    public var rule = Rule()
    /// By position, as the rows' `demonstration` counts them.
    public var demonstrations: [String] = []

    public init() {}

    /// By what observations are compared: the images of the last step, and its low-dim values where there are scales.
    public struct Key: SettingsGroup {
        public enum Layer: String, SettingsChoice, Sendable {
            /// After the projection head.
            case head
            /// Before it.
            case features
        }

        public var layer = Layer.head
        /// What embedding and pose are multiplied by, side by side; nil where there is no pose, and rows are compared by their cosine.
        public var scales: [Double]?

        public init() {}

        public static var fields: [SettingsField<Key>] {
            [
                SettingsField("layer", \.layer),
                SettingsField("scales", \.scales, Configuration.Rule.within(1e-30...1e30).each(count: 2...2).ifPresent),
            ]
        }
    }

    /// What is made of the comparison within an episode; a single observation is answered by its nearest row.
    public struct Rule: SettingsGroup {
        /// Rows this many frames after the one recalled last are preferred; nil for no preference.
        public var advance: Int?
        /// Whether the demonstration recalled first is kept to its end.
        public var locksEpisode = false

        public init() {}

        public static var fields: [SettingsField<Rule>] {
            [
                SettingsField("advance", \.advance, Configuration.Rule.within(1...1024).ifPresent), SettingsField("locks_episode", \.locksEpisode),
            ]
        }
    }

    public static var fields: [SettingsField<StoredLookupTable>] {
        interfaceFields + [
            SettingsField("trunk", \.encoder.trunk), SettingsField(group: "encoder", \.encoder), SettingsField(group: "key", \.key), SettingsField(group: "rule", \.rule),
            SettingsField("demonstrations", \.demonstrations, Configuration.Rule.notEmpty.each(count: 1...1_000_000)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        if (key.scales == nil) != interface.observation.lowDim.isEmpty {
            throw origins.violation(
                path + ["key"], "scales", expected: "two numbers where there are low-dim keys, else null", found: "\(key.scales.shown), low_dim \(interface.observation.lowDim.shown)")
        }
        if interface.observation.cameras.isEmpty { throw origins.violation(path, "observation", expected: "at least one camera", found: "none") }
        try encoder.imageEncoder.check(size: ("image_size", interface.imageSize), origins, path + ["encoder"])
    }

    public var manner: String { "nearest rows by \(key.scales == nil ? "cosine" : "distance")" }

    private var retrieval: RetrievalRule {
        RetrievalRule { ($0.advance, $0.locksEpisode) = (rule.advance, rule.locksEpisode) }
    }

    public func policy(from folder: String, pool: WorkerPool) throws -> any Policy {
        let network = ContrastiveEncoder(
            ContrastiveConfiguration(cameraCount: interface.observation.cameras.count, imageSize: interface.imageSize, encoder: encoder))
        let (parameters, file) = try PolicyFolder.parameters(network.store, in: folder)
        let low = try KeyedNormalizer.lowDim(file, interface.observation)
        let images = EmbeddingKey(ObservationEmbedding(network, parameters: parameters, pool: pool), key.layer == .head ? .head : .features)
        let pose = PoseKey(Normalizer(actionScale: [], actionOffset: [], lowDimScale: low.scale, lowDimOffset: low.offset))
        let compared: any ObservationKey = key.scales.map { JoinedKey(images, pose, scales: (Float($0[0]), Float($0[1]))) } ?? images
        let (rows, threshold) = try rows("\(folder)/\(TableFile.name)", width: compared.width)
        return ActionLookupTable(key: compared, rows: rows, rule: retrieval, threshold: threshold, pool: pool)
    }

    private func rows(_ path: String, width: Int) throws -> (rows: ActionLookupTable.Rows, threshold: Double) {
        let (rows, threshold) = try TableFile.read(
            FileSystem.read(path), from: path, layout: interface.windows, actionDimension: interface.actionDimension)
        guard rows.keys.count == rows.frames.count * width else {
            throw Failure(
                .data, "the table is not of this encoder", at: "\(path), tensor embeddings", expected: "rows of \(width)",
                found: "rows of \(rows.keys.count / rows.frames.count)", remedy: "copy the whole folder again")
        }
        if let stranger = rows.frames.first(where: { !demonstrations.indices.contains($0.demonstration) }) {
            throw Failure(
                .data, "a row of the table is of a demonstration that has no name", at: "\(path), tensor demonstration",
                expected: "0 to \(demonstrations.count - 1)", found: "\(stranger.demonstration)", remedy: "copy the whole folder again")
        }
        return (rows, threshold)
    }

    /// Writes the folder: the description, the encoder, the rows, and what they answer to an observation.
    /// - Parameters:
    ///   - parameters: of the encoder, under their names
    ///   - normalizer: of the observed low-dim keys, written key by key
    /// - Throws: `Failure` when a file cannot be written, or what was written cannot be read back.
    public func write(
        to folder: String, parameters: [(name: String, tensor: Tensor)], _ normalizer: Normalizer, rows: ActionLookupTable.Rows,
        threshold: Double, example: Observation, pool: WorkerPool
    ) throws {
        try FileSystem.makeFolder(folder)
        try Safetensors.write(
            parameters + KeyedNormalizer.tensors(interface.observation, normalizer), metadata: [:], to: "\(folder)/\(PolicyFolder.model)")
        try TableFile.write(rows, threshold: threshold, layout: interface.windows, to: "\(folder)/\(TableFile.name)")
        try AtomicFile.write(resolvedJSON(), to: "\(folder)/\(PolicyFolder.configuration)")
        let answers = try PolicyFolder.read(folder).policy(from: folder, pool: pool).predict([example], samples: min(5, rows.frames.count), seed: Seed(0))[0]
        let (floats, bytes) = ObservationFile.tensors(of: example, interface.observation)
        try Safetensors.write(
            floats + [
                ("\(PolicyFolder.answer)sequences", Tensor(shape: [answers.count, interface.windows.horizon, interface.actionDimension], values: answers.flatMap(\.actions))),
                ("\(PolicyFolder.answer)similarity", Tensor(shape: [answers.count], values: answers.map { Float($0.match?.similarity ?? 0) })),
                ("\(PolicyFolder.answer)out_of_distribution", Tensor(shape: [1], values: [answers[0].isOutOfDistribution == true ? 1 : 0])),
            ], bytes: bytes, metadata: ["sequences": "of the nearest rows, best first"], to: "\(folder)/\(PolicyFolder.example)")
    }
}
