import Basics
import Demonstrations
import Networks
import Policies
import Runs
import Store
import Training

/// The training of an Action Lookup Table's encoder: of the training demonstrations, or of the reference demonstrations
/// for the table's twin.
struct EncoderTraining: Sendable {
    /// What the trainings of one part differ in; all have one seed.
    enum Recipe: String, Sendable, CaseIterable {
        /// As published: every other frame is a negative.
        case published
        /// Neighbouring frames of a demonstration are no negatives, `alt.training.spared_neighbours`.
        case spared
    }

    let part: StudyPart
    var recipe = Recipe.published
    let settings: Settings

    /// The parts of a study that have a table of their own.
    static let parts: [StudyPart] = [.main, .twin]

    /// Every training, part by part.
    static func all(_ settings: Settings) -> [EncoderTraining] {
        parts.flatMap { part in Recipe.allCases.map { EncoderTraining(part: part, recipe: $0, settings: settings) } }
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
        if recipe == .published { configuration.sparedNeighbours = 0 }
        return configuration
    }

    /// What decides the weights, and nothing else.
    /// - Parameter data: of the part.
    func identity(_ data: StudyData) throws -> Identity {
        var fingerprint = data.trainingFingerprint
        try fingerprint.add("image", settings.image)
        try fingerprint.add("encoder", settings.alt.encoder)
        var training = configuration
        training.checkpointEvery = ContrastiveTrainingConfiguration().checkpointEvery
        try fingerprint.add("training", training)
        fingerprint.add("seed", text: "\(seed.value)")
        return Identity(Self.kind, fingerprint)
    }

    func trainer(_ data: StudyData, _ pool: WorkerPool) -> ContrastiveTrainer {
        ContrastiveTrainer(
            name: name, ContrastiveEncoder(settings.contrastiveNetwork(data.set)), configuration, set: data.set,
            frames: data.train.map(data.layout.currentFrame), seed: seed, pool: pool)
    }

    /// From the store; else trained now, or gone on with where it was stopped.
    func obtain(_ data: StudyData, _ pool: WorkerPool, _ run: RunContext) throws -> StoreEntry {
        try run.obtain(identity(data), name, as: "checkpoints/\(name)", isRecorded: true) { folder, present in
            let training = configuration, trainer = trainer(data, pool)
            run.log.info(
                """
                lookup table's encoder (\(part.name), \(recipe)): \(trainer.network.store.count) parameters, \(data.train.count) frames, \
                \(training.epochs) epochs, \(trainer.totalSteps) steps
                """)
            return try TrainingLoop(run, folder: folder, present: present, checkpointEvery: training.checkpointEvery).run(trainer)
        }
    }
}
