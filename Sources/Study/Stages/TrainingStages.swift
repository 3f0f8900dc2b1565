import Basics
import Compute
import Networks
import Policies

/// Trains the diffusion policy on the training windows.
struct TrainDiffusionStage: Stage {
    let name = "train-diffusion"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        let settings = context.settings
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "data", of: context)
        fingerprint.add("image", settings.image)
        fingerprint.add("encoder", settings.diffusion.encoder)
        fingerprint.add("unet", settings.diffusion.unet)
        fingerprint.add("noise", settings.diffusion.noise)
        fingerprint.add("training", settings.diffusion.training)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] { ["checkpoints/diffusion/last/model.safetensors"] }

    func run(_ context: StudyContext) throws {
        let settings = context.settings, data = try cache.data(context)
        let network = DiffusionNetwork(settings.diffusionNetwork(data.set))
        let trainer = DiffusionTrainer(
            network, settings.diffusionTraining, set: data.set, layout: data.layout, windows: data.train,
            normalizer: data.normalizer, seed: settings.root / "diffusion", pool: WorkerPool(workers: settings.workers))
        context.log.info(
            """
            diffusion policy: \(network.store.count) parameters, \(data.train.count) windows, \
            \(trainer.totalSteps) steps of \(settings.diffusion.training.batchSize)
            """)
        try TrainingLoop(
            context, trainer: "diffusion", checkpointEvery: settings.diffusion.training.checkpointEvery
        ).run(trainer)
    }
}

/// Trains the Action Lookup Table's encoder on the frames of the training demonstrations. Without cameras there is
/// nothing to look up by, and the table is left out of the study.
struct TrainContrastiveStage: Stage {
    let name = "train-alt"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "data", of: context)
        fingerprint.add("image", context.settings.image)
        fingerprint.add("encoder", context.settings.alt.encoder)
        fingerprint.add("training", context.settings.alt.training)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        try cache.data(context).set.cameras.isEmpty ? [] : ["checkpoints/alt/last/model.safetensors"]
    }

    func run(_ context: StudyContext) throws {
        let settings = context.settings, data = try cache.data(context)
        guard !data.set.cameras.isEmpty else {
            context.log.info("no cameras: the lookup table is left out")
            return
        }
        let network = ContrastiveEncoder(settings.contrastiveNetwork(data.set))
        let trainer = ContrastiveTrainer(
            network, settings.contrastiveTraining, set: data.set, frames: data.train.map(data.layout.currentFrame),
            seed: settings.root / "alt", pool: WorkerPool(workers: settings.workers))
        context.log.info(
            """
            lookup table's encoder: \(network.store.count) parameters, \(data.train.count) frames, \
            \(settings.alt.training.epochs) epochs, \(trainer.totalSteps) steps
            """)
        try TrainingLoop(context, trainer: "alt", checkpointEvery: settings.alt.training.checkpointEvery).run(trainer)
    }
}
