import Basics
import Configuration
import Networks
import Policies
import Runs
import Store
import Training

/// Which network a training trains.
enum PolicyNetwork: Sendable {
    /// The diffusion policy's, whatever it learns to answer.
    case diffusion
    /// ACT's transformer.
    case actionChunking
}

/// One training of a policy's network: what it sees, what it learns from and for how long.
struct PolicyTraining: Sendable {
    /// Link below `checkpoints`, and stage in `metrics.csv`.
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
    var network = PolicyNetwork.diffusion

    static let kind = Identity.Kind("training", code: ArithmeticCode.training)

    /// What decides the weights, and nothing else: not the name, nor how often they are saved.
    func identity(_ settings: Settings, _ data: StudyData) throws -> Identity {
        var fingerprint = data.trainingFingerprint
        if !data.set.cameras.isEmpty {
            try fingerprint.add("image", settings.image)
            try fingerprint.add("encoder", network == .diffusion ? settings.diffusion.encoder : settings.backbone)
        }
        switch network {
        case .diffusion: try fingerprint.add("unet", settings.unet(view))
        case .actionChunking: try fingerprint.add("transformer", settings.actionChunking.transformer)
        }
        switch objective {
        case .generative(let process): fingerprint.add("objective", text: "\(type(of: process)), \(process.levels) noise levels")
        case .regression: fingerprint.add("objective", text: "regression")
        case .absoluteRegression: fingerprint.add("objective", text: "absolute regression")
        }
        var training = configuration(settings)
        training.checkpointEvery = DiffusionTrainingConfiguration().checkpointEvery
        training.auditedSteps = []
        try fingerprint.add("training", training)
        fingerprint.add("seed", text: "\(seed.value)")
        return Identity(Self.kind, fingerprint)
    }

    private func configuration(_ settings: Settings) -> DiffusionTrainingConfiguration {
        var training = settings.diffusionTraining(view, steps: steps)
        if network == .actionChunking { training.learningRate = settings.actionChunking.learningRate }
        return training
    }

    func trainer(_ settings: Settings, _ data: StudyData, _ pool: WorkerPool) -> any Trainer {
        func training(_ network: some SequenceNetwork) -> any Trainer {
            SequenceTrainer(
                name: name, network, configuration(settings), objective: objective, set: data.set, layout: data.layout,
                windows: data.train, heldout: data.reference, normalizer: data.normalizer, seed: seed, pool: pool)
        }
        return switch network {
        case .diffusion: training(DiffusionNetwork(settings.diffusionNetwork(data.set, view)))
        case .actionChunking: training(ActionChunkingNetwork(settings.actionChunkingNetwork(data.set)))
        }
    }

    /// From the store; else trained now, or gone on with where it was stopped.
    func obtain(_ settings: Settings, _ data: StudyData, _ pool: WorkerPool, _ run: RunContext) throws -> StoreEntry {
        try run.obtain(
            identity(settings, data), name, as: "checkpoints/\(name)", isRecorded: true, needed: TrainingFiles.all(kept: kept)
        ) { folder, present in
            let training = settings.diffusion.training, trainer = trainer(settings, data, pool)
            run.log.info(
                """
                \(name): \(trainer.parameterCount) parameters, \(data.split.train.count) demonstrations, \(data.train.count) windows, \
                \(trainer.totalSteps) steps of \(training.batchSize)
                """)
            return try TrainingLoop(
                run, folder: folder, present: present, checkpointEvery: training.checkpointEvery, kept: Set(kept)
            ).run(trainer)
        }
    }
}

/// The trainings of a study.
struct Trainings: Sendable {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// The headline's name.
    static let subjectName = "diffusion"

    private var denoising: TrainingObjective { .generative(settings.sampler(.ddpm)) }

    /// The policy under study; seed 0 is the headline. Its twin has the same seed, so that nothing but the demonstrations differs.
    func subject(_ number: Int, _ part: StudyPart = .main) -> PolicyTraining {
        let root = settings.root / Self.subjectName, training = settings.diffusion.training
        return PolicyTraining(
            name: Self.subjectName + (number == 0 ? "" : "-s\(number)") + (part == .main ? "" : "-\(part.name)"), view: .images,
            objective: denoising, part: part, seedNumber: number, seed: number == 0 ? root : root / number, steps: training.steps,
            kept: number == 0 && part == .main ? training.auditedSteps : [], isSubject: part == .main)
    }

    /// Regression with the same network.
    var regression: PolicyTraining {
        PolicyTraining(
            name: "behaviour-cloning", view: .images, objective: .regression, part: .main, seedNumber: 0,
            seed: settings.root / "behaviour-cloning", steps: settings.behaviourCloning.steps)
    }

    /// Regression in two steps with the same network.
    var twoStep: PolicyTraining {
        PolicyTraining(
            name: "two-step", view: .images, objective: .generative(TwoStepProcess()), part: .main, seedNumber: 0,
            seed: settings.root / "two-step", steps: settings.behaviourCloning.steps)
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

    /// Regression in two steps on low-dim observations.
    var stateTwoStep: PolicyTraining {
        PolicyTraining(
            name: "state-two-step", view: .state, objective: .generative(TwoStepProcess()), part: .main, seedNumber: 0,
            seed: settings.root / "state-two-step", steps: settings.behaviourCloning.stateSteps)
    }

    /// ACT, as a view shows the demonstrations.
    func actionChunking(_ view: ObservationView) -> PolicyTraining {
        let name = view == .images ? "action-chunking" : "state-action-chunking", chunking = settings.actionChunking
        return PolicyTraining(
            name: name, view: view, objective: .absoluteRegression, part: .main, seedNumber: 0, seed: settings.root / name,
            steps: view == .images ? chunking.steps : chunking.stateSteps, network: .actionChunking)
    }

    /// Flow matching with the same network, as a view shows the demonstrations.
    func flowMatching(_ view: ObservationView) -> PolicyTraining {
        let name = view == .images ? "flow-matching" : "state-flow-matching", flow = settings.flowMatching
        return PolicyTraining(
            name: name, view: view, objective: .generative(flow.process), part: .main, seedNumber: 0, seed: settings.root / name,
            steps: view == .images ? flow.steps : flow.stateSteps)
    }
}

extension Fingerprint {
    /// A group of settings, by its resolved YAML.
    mutating func add(_ name: String, _ settings: some SettingsGroup) throws {
        add(name, text: try settings.resolvedYAML())
    }
}
