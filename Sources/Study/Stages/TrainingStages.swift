import Basics
import Configuration
import Networks
import Policies
import Runs
import Training

/// Trains the diffusion policy on the training windows, once for each training seed.
struct TrainDiffusionStage: Stage {
    let name = "train-diffusion"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = try Fingerprint(training: study, run)
        fingerprint.add("seeds", text: "\(study.settings.diffusion.seeds)")
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        trainings.map { $0.model() } + trainings.flatMap { training in training.kept.map { training.model(step: $0) } }
    }

    private var trainings: [PolicyTraining] { study.catalogue.trainings(StudyPart.all(study.settings), ofSubject: true) }

    func run(_ run: RunContext) throws {
        for training in trainings { try training.run(study, run) }
    }
}

/// Trains what the diffusion policy is compared with: regression with the same network, and the policies on low-dim
/// observations with their seeds, twins and sizes.
struct TrainControlsStage: Stage {
    let name = "train-controls"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = try Fingerprint(training: study, run)
        try fingerprint.add("behaviour_cloning", study.settings.behaviourCloning)
        try fingerprint.add("state", study.settings.state)
        return fingerprint
    }

    private var trainings: [PolicyTraining] { study.catalogue.trainings(StudyPart.all(study.settings), ofSubject: false) }

    func outputs(_ run: RunContext) throws -> [String] { trainings.map { $0.model() } }

    func run(_ run: RunContext) throws {
        for training in trainings { try training.run(study, run) }
    }
}

/// Trains the Action Lookup Table's encoder on the frames of the training demonstrations, and its twin's on those of
/// the reference demonstrations. Without cameras there is nothing to look up by, and the table is left out of the study.
struct TrainContrastiveStage: Stage {
    let name = "train-alt"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "data", of: run)
        try fingerprint.add("image", study.settings.image)
        try fingerprint.add("encoder", study.settings.alt.encoder)
        try fingerprint.add("training", study.settings.alt.training)
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try study.data(run).set.cameras.isEmpty
            ? [] : LookupTables.parts.map { "checkpoints/\(LookupTables.trainer($0))/last/model.safetensors" }
    }

    func run(_ run: RunContext) throws {
        let settings = study.settings, data = try study.data(run)
        guard !data.set.cameras.isEmpty else {
            run.log.info("no cameras: the lookup table is left out")
            return
        }
        for part in LookupTables.parts {
            let divided = try study.data(run, part: part)
            let network = ContrastiveEncoder(settings.contrastiveNetwork(data.set)), name = LookupTables.trainer(part)
            let trainer = ContrastiveTrainer(
                name: name, network, settings.alt.training, set: data.set,
                frames: divided.train.map(data.layout.currentFrame), seed: settings.root / "alt",
                pool: study.pool)
            run.log.info(
                """
                lookup table's encoder (\(part.name)): \(network.store.count) parameters, \(divided.train.count) \
                frames, \(settings.alt.training.epochs) epochs, \(trainer.totalSteps) steps
                """)
            try TrainingLoop(run, trainer: name, checkpointEvery: settings.alt.training.checkpointEvery).run(trainer)
        }
    }
}

extension Fingerprint {
    /// What every training of the diffusion policy's network depends on.
    fileprivate init(training study: Study, _ run: RunContext) throws {
        let settings = study.settings
        self.init()
        try add(stage: "data", of: run)
        try add("image", settings.image)
        try add("encoder", settings.diffusion.encoder)
        try add("unet", settings.diffusion.unet)
        try add("noise", settings.diffusion.noise)
        try add("training", settings.diffusion.training)
    }
}

extension Fingerprint {
    /// A group of settings, by its resolved YAML.
    mutating func add(_ name: String, _ settings: some SettingsGroup) throws {
        add(name, text: try settings.resolvedYAML())
    }
}
