import Basics
import Networks
import Policies
import Probes
import Runs
import Training

/// One training of a diffusion policy's network: what it sees, what it learns from and for how long.
struct PolicyTraining: Sendable {
    /// Folder below `checkpoints`, and stage in `metrics.csv`.
    let name: String
    let view: ObservationView
    let objective: TrainingObjective
    let part: StudyPart
    /// Number of the training seed.
    let seedNumber: Int
    /// Root of everything random in the training.
    let seed: Seed
    let steps: Int
    /// Steps whose checkpoints stay.
    var kept: [Int] = []
    /// Whether it is one of the policy under study.
    var isSubject = false

    /// Weights in the run's folder.
    /// - Parameter step: of a kept checkpoint; nil for the last.
    func model(step: Int? = nil) -> String {
        "checkpoints/\(name)/\(step.map(CheckpointStore.name) ?? "last")/model.safetensors"
    }

    /// Runs to the end, or goes on where it was stopped.
    func run(_ study: Study, _ run: RunContext) throws {
        let settings = study.settings, training = settings.diffusion.training
        let data = try study.data(run, view: view, part: part)
        let network = DiffusionNetwork(settings.diffusionNetwork(data.set))
        let trainer = DiffusionTrainer(
            name: name, network, settings.diffusionTraining(steps: steps), objective: objective, set: data.set,
            layout: data.layout, windows: data.train, normalizer: data.normalizer, seed: seed, pool: study.pool)
        run.log.info(
            """
            \(name): \(network.store.count) parameters, \(data.split.train.count) demonstrations, \
            \(data.train.count) windows, \(trainer.totalSteps) steps of \(training.batchSize)
            """)
        try TrainingLoop(run, trainer: name, checkpointEvery: training.checkpointEvery, kept: Set(kept)).run(trainer)
    }
}

/// The trainings of a study.
struct Trainings: Sendable {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// The headline's folder and stage.
    static let subjectName = "diffusion"

    private var denoising: TrainingObjective { .generative(settings.sampler(.ddpm)) }

    /// The policy under study; seed 0 is the headline.
    func subject(_ number: Int) -> PolicyTraining {
        let root = settings.root / Self.subjectName, training = settings.diffusion.training
        return PolicyTraining(
            name: number == 0 ? Self.subjectName : "\(Self.subjectName)-s\(number)", view: .images, objective: denoising, part: .main,
            seedNumber: number, seed: number == 0 ? root : root / number, steps: training.steps,
            kept: number == 0 ? training.auditedSteps : [], isSubject: true)
    }

    /// Regression with the same network.
    var regression: PolicyTraining {
        PolicyTraining(
            name: "behaviour-cloning", view: .images, objective: .regression, part: .main, seedNumber: 0,
            seed: settings.root / "behaviour-cloning", steps: settings.behaviourCloning.steps)
    }

    /// On low-dim observations. Twins and sizes have the seed of the first, so that nothing but the demonstrations differs;
    /// other sizes get as many epochs.
    func state(_ number: Int, _ part: StudyPart) -> PolicyTraining {
        var steps = settings.state.steps
        if case .size(let count) = part { steps = max(1, steps * count / settings.data.split.train) }
        return PolicyTraining(
            name: part == .main ? "state-s\(number)" : "state-\(part.name)", view: .state, objective: denoising, part: part,
            seedNumber: number, seed: settings.root / "state" / number, steps: steps)
    }

    /// Regression on low-dim observations.
    func stateRegression(_ part: StudyPart) -> PolicyTraining {
        PolicyTraining(
            name: part == .main ? "state-behaviour-cloning" : "state-behaviour-cloning-\(part.name)", view: .state,
            objective: .regression, part: part, seedNumber: 0, seed: settings.root / "state-behaviour-cloning",
            steps: settings.behaviourCloning.stateSteps)
    }
}

/// How the trained policies of a part came to be, from the catalogue and `metrics.csv`.
struct PolicyRecords {
    private let study: Study
    private let run: RunContext
    /// Steps over which the training loss is averaged.
    private static let lossSteps = 200

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
    }

    func all(_ part: StudyPart) throws -> [PolicyRecord] {
        let losses = try MetricsFile.read(run.folder.path("metrics.csv")).filter { $0.metric == "loss" }
        let byStage = Dictionary(grouping: losses, by: \.stage)
        return try study.catalogue.entries.filter { $0.parts.contains(part) }.compactMap { entry in
            guard let training = entry.training?(part) else { return nil }
            let data = try study.data(run, view: training.view, part: part), steps = entry.steps ?? training.steps
            let last = (byStage[training.name] ?? []).filter { $0.step <= steps && $0.step > steps - Self.lossSteps }
                .map(\.value)
            return PolicyRecord(
                policy: entry.id, family: entry.family, observations: data.set.cameras.isEmpty ? "low-dim" : "images",
                seed: training.seedNumber, steps: steps,
                epochs: Double(steps * study.settings.diffusion.training.batchSize) / Double(data.train.count),
                windows: data.train.count, demonstrations: data.split.train.count,
                loss: last.isEmpty ? nil : last.reduce(0, +) / Double(last.count))
        }
    }
}
