import Basics
import Demonstrations
import Networks
import Policies
import Runs
import Store
import Training

/// The training of an encoder whose features are looked up by: of the training demonstrations, or of the reference demonstrations
/// for the lookup table's twin.
struct EncoderTraining: Sendable {
    /// What the trainings of one part differ in; all have one seed.
    enum Recipe: String, Sendable, CaseIterable {
        /// As published: every other frame is a negative.
        case published
        /// Neighbouring frames of a demonstration are no negatives, `alt.training.spared_neighbours`.
        case spared
        /// As published in full: from ImageNet's ResNet-18, where there is the file.
        case pretrained
        /// No frame is compared with another: each is reconstructed from its features.
        case autoencoder

        var objective: Objective { self == .autoencoder ? .reconstruction : .contrast }
        /// Whether there is what it begins with.
        func isAtHand(_ settings: AltSettings) -> Bool { self != .pretrained || settings.encoder.pretrained != nil }

        /// What the part's tables are made of, and what every part and the main one are asked for beside them: the kernel policy
        /// compares by the published encoder, and the autoencoder is a control.
        static func trained(_ part: StudyPart, _ settings: AltSettings) -> [Recipe] {
            let used = Set(TableVariant.encoders(part, settings) + [.published] + (part == .main ? [.autoencoder] : []))
            return allCases.filter(used.contains)
        }
    }

    enum Objective {
        case contrast, reconstruction
    }

    let part: StudyPart
    var recipe = Recipe.published
    let settings: Settings

    /// Every training, part by part.
    static func all(_ settings: Settings) -> [EncoderTraining] {
        settings.tableParts.flatMap { part in
            Recipe.trained(part, settings.alt).map { EncoderTraining(part: part, recipe: $0, settings: settings) }
        }
    }

    /// Link below `checkpoints`, and stage in `metrics.csv`.
    var name: String { Self.name(part, recipe) }
    static func name(_ part: StudyPart, _ recipe: Recipe = .published) -> String {
        (["alt"] + (recipe == .published ? [] : [recipe.rawValue]) + (part == .main ? [] : [part.name])).joined(separator: "-")
    }

    private var seed: Seed { settings.root / "alt" }

    static let kind = Identity.Kind("encoder", code: ArithmeticCode.training)

    /// The settings, as the recipe has them.
    private var configuration: ContrastiveTrainingConfiguration {
        var configuration = settings.alt.training
        switch recipe {
        case .published, .pretrained: configuration.sparedNeighbours = 0
        case .spared: break
        case .autoencoder: configuration.learningRate = settings.alt.autoencoderLearningRate
        }
        return configuration
    }

    /// What of the settings reaches the weights; the others have their defaults.
    private var reaching: (encoder: ContrastiveEncoderConfiguration, training: ContrastiveTrainingConfiguration) {
        var (encoder, training) = (settings.alt.encoder.network, configuration)
        let standard = ContrastiveTrainingConfiguration()
        if recipe == .pretrained { encoder = ContrastiveEncoderConfiguration { ($0.image.features, $0.embedding) = (encoder.image.features, encoder.embedding) } }
        training.checkpointEvery = standard.checkpointEvery
        if recipe.objective == .reconstruction {
            encoder.embedding = ContrastiveEncoderConfiguration().embedding
            (training.temperature, training.sparedNeighbours) = (standard.temperature, standard.sparedNeighbours)
            training.augmentation = ImageAugmentation(cropScale: training.augmentation.cropScale)
        }
        return (encoder, training)
    }

    /// What decides the weights, and nothing else.
    /// - Parameter data: of the part.
    func identity(_ data: StudyData) throws -> Identity {
        var fingerprint = data.trainingFingerprint
        try fingerprint.add("image", settings.image)
        let (encoder, training) = reaching
        try fingerprint.add("encoder", encoder)
        try fingerprint.add("training", training)
        fingerprint.add("seed", text: "\(seed.value)")
        if recipe == .pretrained, let path = settings.alt.encoder.pretrained { fingerprint.add("trunk", text: try FileHash.sha256(path)) }
        if recipe.objective != .contrast { fingerprint.add("objective", text: "\(recipe.objective)") }
        return Identity(Self.kind, fingerprint)
    }

    /// - Throws: `Failure` when the file of its trunk is not what it should be.
    func trainer(_ data: StudyData, _ pool: WorkerPool) throws -> EncoderTrainer {
        let frames = data.train.map(data.layout.currentFrame), heldout = data.reference.map(data.layout.currentFrame)
        switch recipe.objective {
        case .contrast:
            let trainer = EncoderTrainer(
                name: name, ContrastiveEncoder(settings.contrastiveNetwork(data.set, recipe)), configuration, set: data.set, frames: frames,
                heldout: heldout, seed: seed, pool: pool)
            if recipe == .pretrained, let file = settings.alt.encoder.pretrained { try trainer.begin(with: PretrainedTrunk(file)) }
            return trainer
        case .reconstruction:
            return EncoderTrainer(
                name: name, ImageAutoencoder(settings.sharedEncoder(data.set)), configuration, set: data.set, frames: frames,
                heldout: heldout, seed: seed, pool: pool)
        }
    }

    /// From the store; else trained now, or gone on with where it was stopped.
    func obtain(_ data: StudyData, _ pool: WorkerPool, _ run: RunContext) throws -> StoreEntry {
        try run.obtain(identity(data), name, as: "checkpoints/\(name)", isRecorded: true) { folder, present in
            let training = configuration, trainer = try trainer(data, pool)
            run.log.info(
                """
                lookup table's encoder (\(part.name), \(recipe)): \(trainer.parameterCount) parameters, \(data.train.count) frames, \
                \(training.epochs) epochs, \(trainer.totalSteps) steps
                """)
            return try TrainingLoop(run, folder: folder, present: present, checkpointEvery: training.checkpointEvery).run(trainer)
        }
    }
}
