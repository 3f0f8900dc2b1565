import Basics
import Demonstrations
import Foundation
import Policies
import PolicyFolders
import Probes
import Runs
import Safetensors
import Store
import Training

/// Writes the policies of a run into a folder that can be taken away: `policy/diffusion` and, where there are cameras,
/// `policy/alt`.
struct PolicyStage: Stage {
    let name = StageName.policies
    let study: Study
    private static let folder = "policy"

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.embed, of: run)
        try fingerprint.add("samplers", study.settings.diffusion.samplers)
        try fingerprint.add("noise", study.settings.diffusion.noise)
        fingerprint.add("code", text: run.store.code(in: ArithmeticCode.table + ["Basics/NeighbourSpacing.swift", "Basics/Text.swift", "Configuration", "PolicyFolders", "Safetensors", "Study/Stages/PolicyStage.swift"]))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        let hasTable = try !study.data(run).set.cameras.isEmpty
        let policies = [(StoredDiffusion.folder, PolicyKind.diffusion)] + (hasTable ? [(StoredLookupTable.folder, .lookupTable)] : [])
        return PolicyFolder.guides.map { "\(Self.folder)/\($0.name)" }
            + policies.flatMap { name, kind in PolicyFolder.files(kind).map { "\(Self.folder)/\(name)/\($0)" } }
    }

    func run(_ run: RunContext) throws {
        let data = try study.data(run), folder = run.folder.path(Self.folder)
        try FileSystem.makeFolder(folder)
        for (name, content) in PolicyFolder.guides { try AtomicFile.write(content, to: "\(folder)/\(name)") }
        // One that no training has seen, away from its end.
        let window = data.query[data.query.count / 3], example = data.layout.observation(of: window, in: data.set)
        try writeDiffusion(data, example, to: "\(folder)/\(StoredDiffusion.folder)", run)
        if !data.set.cameras.isEmpty { try writeTable(data, example, to: "\(folder)/\(StoredLookupTable.folder)", run) }
        run.log.info("the policies are in \(folder)")
    }

    private func interface(_ data: StudyData, _ run: RunContext) -> PolicyInterface {
        PolicyInterface {
            let configuration = run.folder.configuration
            ($0.origin.commit, $0.origin.experiment, $0.origin.configuration) = (run.store.program.description, configuration.experiment, configuration.hash)
            ($0.origin.dataSha256, $0.origin.seed) = (configuration.dataHash, configuration.seed)
            ($0.observation, $0.imageSize) = (ObservedKeys(data.set), study.settings.image.crop)
            ($0.actionDimension, $0.windows) = (data.set.actionDimension, data.layout)
        }
    }

    private func writeDiffusion(_ data: StudyData, _ example: Observation, to folder: String, _ run: RunContext) throws {
        let settings = study.settings
        let stored = StoredDiffusion(interface(data, run)) {
            ($0.encoder, $0.unet) = (settings.diffusion.encoder, settings.diffusion.unet)
            ($0.noise, $0.samplers) = (settings.diffusion.noise, settings.diffusion.samplers)
        }
        let weights = try weights(study.trained(Trainings(settings).subject(0), run))
        try stored.write(to: folder, parameters: weights, data.normalizer, example: example, pool: study.pool)
    }

    private func writeTable(_ data: StudyData, _ example: Observation, to folder: String, _ run: RunContext) throws {
        let settings = study.settings, lookup = LookupTable(part: .main, data: data, study: study, run: run)
        let variant = try lookup.variant(), rule = variant.manner.rule(data.layout), entry = try lookup.obtain()
        let joined = try lookup.key(variant.key) as? JoinedKey
        let stored = StoredLookupTable(interface(data, run)) {
            $0.encoder = settings.contrastiveNetwork(data.set, variant.key.encoder).encoder
            if joined == nil { ($0.interface.observation.lowDim, $0.interface.observation.lowDimWidths) = ([], []) }
            ($0.key.layer, $0.key.scales) = (variant.key.dropsHead ? .features : .head, joined.map { [Double($0.scales.0), Double($0.scales.1)] })
            ($0.rule.advance, $0.rule.locksEpisode) = (rule.advance, rule.locksEpisode)
            $0.demonstrations = data.set.episodes.map(\.name)
        }
        let encoder = EncoderTraining(part: .main, recipe: variant.key.encoder, settings: settings)
        let (rows, threshold) = try TableFile.read(
            entry.data(TableFile.name), from: "\(entry.path)/\(TableFile.name)", layout: data.layout, actionDimension: data.set.actionDimension)
        try stored.write(
            to: folder, parameters: weights(study.trained(encoder, data, run)), data.normalizer, rows: rows, threshold: threshold,
            example: example, pool: study.pool)
    }

    /// The parameters of a finished training in the order of its file.
    private func weights(_ entry: StoreEntry) throws -> [(name: String, tensor: Tensor)] {
        let name = TrainingFiles.model(), file = try Safetensors.decode(try entry.data(name), from: "\(entry.path)/\(name)")
        return file.names.compactMap { name in file.tensors[name].map { (name, $0) } }
    }
}
