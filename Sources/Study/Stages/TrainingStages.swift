import Basics
import Compute
import Networks
import Policies

/// Trains the diffusion policy on the training windows, once for each training seed.
struct TrainDiffusionStage: Stage {
    let name = "train-diffusion"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = try Fingerprint(training: context)
        fingerprint.add("seeds", text: "\(context.settings.diffusion.seeds)")
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        let audited = context.settings.diffusion.training.auditedSteps.map { "diffusion/" + CheckpointStore.name(of: $0) }
        return (TrainingMembers(settings: context.settings).diffusion.map { $0.name + "/last" } + audited)
            .map { "checkpoints/\($0)/model.safetensors" }
    }

    func run(_ context: StudyContext) throws {
        for member in TrainingMembers(settings: context.settings).diffusion {
            try MemberTraining(member, cache, context).run()
        }
    }
}

/// Trains what the diffusion policy is compared with: regression with the same network, and the policies on low-dim
/// observations with their seeds, twins and sizes.
struct TrainControlsStage: Stage {
    let name = "train-controls"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = try Fingerprint(training: context)
        try fingerprint.add("behaviour_cloning", context.settings.behaviourCloning)
        try fingerprint.add("state", context.settings.state)
        return fingerprint
    }

    private func members(_ context: StudyContext) -> [TrainingMember] {
        let members = TrainingMembers(settings: context.settings)
        return [members.behaviourCloning] + members.state
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        members(context).map { "checkpoints/\($0.name)/last/model.safetensors" }
    }

    func run(_ context: StudyContext) throws {
        for member in members(context) { try MemberTraining(member, cache, context).run() }
    }
}

/// Trains the Action Lookup Table's encoder on the frames of the training demonstrations, and its twin's on those of
/// the reference demonstrations. Without cameras there is nothing to look up by, and the table is left out of the study.
struct TrainContrastiveStage: Stage {
    let name = "train-alt"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "data", of: context)
        try fingerprint.add("image", context.settings.image)
        try fingerprint.add("encoder", context.settings.alt.encoder)
        try fingerprint.add("training", context.settings.alt.training)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        try cache.data(context).set.cameras.isEmpty
            ? [] : LookupTables.parts.map { "checkpoints/\(LookupTables.trainer($0))/last/model.safetensors" }
    }

    func run(_ context: StudyContext) throws {
        let settings = context.settings, data = try cache.data(context)
        guard !data.set.cameras.isEmpty else {
            context.log.info("no cameras: the lookup table is left out")
            return
        }
        for part in LookupTables.parts {
            let network = ContrastiveEncoder(settings.contrastiveNetwork(data.set)), name = LookupTables.trainer(part)
            let trainer = ContrastiveTrainer(
                name: name, network, settings.alt.training, set: data.set,
                frames: data.part(part).train.map(data.layout.currentFrame), seed: settings.root / "alt",
                pool: WorkerPool(workers: settings.workers))
            context.log.info(
                """
                lookup table's encoder (\(part.name)): \(network.store.count) parameters, \(data.part(part).train.count) \
                frames, \(settings.alt.training.epochs) epochs, \(trainer.totalSteps) steps
                """)
            try TrainingLoop(context, trainer: name, checkpointEvery: settings.alt.training.checkpointEvery).run(trainer)
        }
    }
}

extension Fingerprint {
    /// What every training of the diffusion policy's network depends on.
    fileprivate init(training context: StudyContext) throws {
        let settings = context.settings
        self.init()
        try add(stage: "data", of: context)
        try add("image", settings.image)
        try add("encoder", settings.diffusion.encoder)
        try add("unet", settings.diffusion.unet)
        try add("noise", settings.diffusion.noise)
        try add("training", settings.diffusion.training)
    }
}
