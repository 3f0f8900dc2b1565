import Basics
import Compute
import Configuration
import Demonstrations
import Networks
import Policies
import Safetensors

/// A diffusion policy in a folder. `model.safetensors` has diffusion_policy's names: `model.*`, `obs_encoder.obs_nets.<camera>.*`,
/// `normalizer.params_dict.<key>.{scale, offset}` with normalised = raw · scale + offset, images raw in [0, 1].
public struct StoredDiffusion: StoredPolicy {
    public static let kind = PolicyKind.diffusion
    /// In a run's folder of policies.
    public static let folder = "diffusion"

    /// Its encoders see the centred square of an image.
    public var interface = PolicyInterface(Self.kind)
    public var encoder = ImageEncoderConfiguration()
    public var unet = UnetConfiguration()
    /// Squared-cosine schedule; the network predicts the noise.
    public var noise = NoiseConfiguration()
    public var samplers = SamplerConfiguration()
    /// Which of them answers.
    public var sampler = DenoisingProcess.Kind.ddpm

    public init() {}

    public static var fields: [SettingsField<StoredDiffusion>] {
        interfaceFields + [
            SettingsField(group: "encoder", \.encoder), SettingsField(group: "unet", \.unet), SettingsField(group: "noise", \.noise), SettingsField(group: "samplers", \.samplers),
            SettingsField("sampler", \.sampler),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        if !interface.observation.cameras.isEmpty {
            try encoder.check(size: ("image_size", interface.imageSize), origins, path + ["encoder"])
            try interface.observation.check(crop: interface.imageSize, origins)
        }
        try unet.check(horizon: interface.windows.horizon, "unet", origins, path)
        for kind in DenoisingProcess.Kind.allCases where samplers.steps(kind) > noise.steps {
            throw origins.violation(path + ["samplers"], kind.rawValue, expected: "at most noise.steps = \(noise.steps)", found: "\(samplers.steps(kind))")
        }
    }

    public var manner: String { "\(sampler.rawValue), \(samplers.steps(sampler)) steps" }

    public func sampling(by kind: DenoisingProcess.Kind) throws -> StoredDiffusion {
        var other = self
        other.sampler = kind
        return other
    }

    public func sampling(steps: Int?) throws -> StoredDiffusion {
        guard let steps else { return self }
        guard (1...noise.steps).contains(steps) else {
            throw Failure(
                .data, "more steps are asked of a sampler than the policy was trained with", at: "\(sampler.rawValue)", expected: "1 to \(noise.steps)", found: "\(steps)",
                remedy: "ask for fewer inference steps")
        }
        var other = self
        switch sampler {
        case .ddpm: other.samplers.ddpm = steps
        case .ddim: other.samplers.ddim = steps
        }
        return other
    }

    /// The policy's own units of an action: normalised = raw * scale + offset.
    /// - Throws: `Failure` when its weights are absent or have none.
    public func actionUnits(in folder: String) throws -> (scale: [Float], offset: [Float]) {
        try KeyedNormalizer.map(Safetensors.read("\(folder)/\(PolicyFolder.model)"), KeyedNormalizer.action, width: interface.actionDimension)
    }

    private var network: DiffusionNetwork {
        DiffusionNetwork(
            DiffusionNetworkConfiguration(
                cameras: interface.observation.cameras, imageSize: interface.imageSize, lowDimDimension: interface.observation.lowDimDimension,
                actionDimension: interface.actionDimension, horizon: interface.windows.horizon, observationSteps: interface.windows.observationSteps,
                encoder: encoder, unet: unet))
    }

    /// By which it answers.
    public var process: DenoisingProcess {
        DenoisingProcess(sampler, schedule: noise.schedule, steps: samplers.steps(sampler), clipsPrediction: noise.clip)
    }

    public func policy(from folder: String, pool: WorkerPool) throws -> any Policy {
        let network = network, (parameters, file) = try PolicyFolder.parameters(network.store, in: folder)
        let low = try KeyedNormalizer.lowDim(file, interface.observation)
        let action = try KeyedNormalizer.map(file, KeyedNormalizer.action, width: interface.actionDimension)
        let normalizer = Normalizer(actionScale: action.scale, actionOffset: action.offset, lowDimScale: low.scale, lowDimOffset: low.offset)
        return DiffusionPolicy(network: network, parameters: parameters, normalizer: normalizer, process: process, pool: pool)
    }

    /// Writes the folder: the description, the weights, and what they answer to an observation.
    /// - Parameters:
    ///   - parameters: of the network, under their names; a normaliser among them is left out
    ///   - normalizer: written key by key
    /// - Throws: `Failure` when a file cannot be written, or what was written cannot be read back.
    public func write(
        to folder: String, parameters: [(name: String, tensor: Tensor)], _ normalizer: Normalizer, example: Observation, pool: WorkerPool
    ) throws {
        try FileSystem.makeFolder(folder)
        let action = KeyedNormalizer.tensors(KeyedNormalizer.action, normalizer.actionScale, normalizer.actionOffset)
        try Safetensors.write(
            parameters.filter { !KeyedNormalizer.isOwn($0.name) } + action + KeyedNormalizer.tensors(interface.observation, normalizer), metadata: ["weights": "exponential moving average"],
            to: "\(folder)/\(PolicyFolder.model)")
        try AtomicFile.write(resolvedJSON(), to: "\(folder)/\(PolicyFolder.configuration)")
        let samples = 2, policy = try PolicyFolder.read(folder).policy(from: folder, pool: pool), seed = Self.exampleSeed
        let answers = try policy.predict([example], samples: samples, seed: seed)[0], shape = [samples, interface.windows.horizon, interface.actionDimension]
        let (floats, bytes) = ObservationFile.tensors(of: example, interface.observation)
        let noise = noise(seed / 0, samples: samples)
        try Safetensors.write(
            floats + [
                ("\(PolicyFolder.answer)noise", Tensor(shape: [noise.count / shape.reduce(1, *)] + shape, values: noise)),
                ("\(PolicyFolder.answer)sequences", Tensor(shape: shape, values: answers.flatMap(\.actions))),
            ], bytes: bytes, metadata: ["sampler": manner, "noise": "the first is the start, the others are the steps' draws"],
            to: "\(folder)/\(PolicyFolder.example)")
    }

    /// What the example is answered with, as `alt query --seed 0`.
    private static let exampleSeed = Seed(0)

    /// The draws of an observation's samples, [1 + steps that draw, samples, T, A]: those of `DiffusionPolicy.predict`.
    func noise(_ seed: Seed, samples: Int) -> [Float] {
        let process = process, count = interface.windows.horizon * interface.actionDimension
        let blocks = 1 + process.timesteps.indices.count { process.drawsNoise($0) }
        var values = [Float](repeating: 0, count: blocks * samples * count)
        for sample in 0..<samples {
            var source = RandomSource(seed / sample)
            for block in 0..<blocks {
                for i in 0..<count { values[(block * samples + sample) * count + i] = Float(source.normal()) }
            }
        }
        return values
    }
}

extension DenoisingProcess.Kind: SettingsChoice {}

/// A normaliser under diffusion_policy's names, a scale and an offset for every key.
enum KeyedNormalizer {
    static let action = "action"
    private static let prefix = Normalizer.tensorPrefix + "params_dict."
    /// Images come in [0, 1] and are shown in [-1, 1].
    private static let image: (scale: [Float], offset: [Float]) = ([2], [-1])

    static func isOwn(_ name: String) -> Bool { name.hasPrefix(Normalizer.tensorPrefix) }

    static func tensors(_ key: String, _ scale: [Float], _ offset: [Float]) -> [(name: String, tensor: Tensor)] {
        [("scale", scale), ("offset", offset)].map { ("\(prefix)\(key).\($0.0)", Tensor(shape: [$0.1.count], values: $0.1)) }
    }

    /// Of every observed key.
    static func tensors(_ keys: ObservedKeys, _ normalizer: Normalizer) -> [(name: String, tensor: Tensor)] {
        var start = 0
        return keys.cameras.flatMap { tensors($0, image.scale, image.offset) }
            + zip(keys.lowDim, keys.lowDimWidths).flatMap { key, width in
                defer { start += width }
                let own = start..<start + width
                return tensors(key, Array(normalizer.lowDimScale[own]), Array(normalizer.lowDimOffset[own]))
            }
    }

    /// Of one key.
    static func map(_ file: SafetensorsFile, _ key: String, width: Int) throws -> (scale: [Float], offset: [Float]) {
        func values(_ part: String, isAllowed: (Float) -> Bool = { _ in true }) throws -> [Float] {
            let name = "\(prefix)\(key).\(part)", values = try file.finite(name, shape: [width], remedy: PolicyFolder.remedy)
            guard let bad = values.firstIndex(where: { !isAllowed($0) }) else { return values }
            throw Failure(
                .data, "a normaliser cannot be undone", at: "\(file.path), tensor \(name)", expected: "no 0", found: "0 at index \(bad)",
                remedy: PolicyFolder.remedy)
        }
        return (
            try values("scale", isAllowed: { $0 != 0 }), try values("offset")
        )
    }

    /// Of the low-dim keys side by side.
    /// - Throws: `Failure` (`data`) also where images are scaled in another way than this program scales them.
    static func lowDim(_ file: SafetensorsFile, _ keys: ObservedKeys) throws -> (scale: [Float], offset: [Float]) {
        for camera in keys.cameras {
            let found = try map(file, camera, width: 1)
            guard found == image else {
                throw Failure(
                    .data, "images are scaled in a way that this program does not know", at: "\(file.path), tensor \(prefix)\(camera)",
                    expected: "scale \(image.scale[0]), offset \(image.offset[0])", found: "scale \(found.scale[0]), offset \(found.offset[0])")
            }
        }
        let maps = try zip(keys.lowDim, keys.lowDimWidths).map { try map(file, $0, width: $1) }
        return (maps.flatMap(\.scale), maps.flatMap(\.offset))
    }
}
