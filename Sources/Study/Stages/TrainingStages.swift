import Basics
import Policies
import Runs
import Store
import Training

/// Trains the diffusion policy on the training windows, once for each training seed.
struct TrainDiffusionStage: Stage {
    let name = StageName.diffusion
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint { try study.fingerprint(of: study.subjectTrainings, run) }
    func outputs(_ run: RunContext) throws -> [String] { study.outputs(of: study.subjectTrainings) }
    func run(_ run: RunContext) throws { try study.train(study.subjectTrainings, after: [], run) }
}

/// Trains what the diffusion policy is compared with: regression with the same network, and the policies on low-dim
/// observations with their seeds, twins and sizes.
struct TrainControlsStage: Stage {
    let name = StageName.controls
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint { try study.fingerprint(of: study.controlTrainings, run) }
    func outputs(_ run: RunContext) throws -> [String] { study.outputs(of: study.controlTrainings) }
    func run(_ run: RunContext) throws { try study.train(study.controlTrainings, after: study.subjectTrainings, run) }
}

/// Trains the Action Lookup Table's encoders on the frames of the training demonstrations, and its twin's on those of
/// the reference demonstrations; and the autoencoder that they are compared with. Without cameras there is nothing to look up by, and the table is left out of the study.
/// Then writes the metrics of all trainings down.
struct TrainEncodersStage: Stage {
    let name = StageName.encoders
    let study: Study

    private func trainings(_ run: RunContext) throws -> [EncoderTraining] {
        try study.data(run).set.cameras.isEmpty ? [] : EncoderTraining.all(study.settings)
    }

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        for stage in [StageName.diffusion, StageName.controls] { try fingerprint.add(stage: stage, of: run) }
        for training in try trainings(run) {
            fingerprint.add(training.name, text: run.store.name(try training.identity(study.data(run, part: training.part))))
        }
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try ["metrics.csv"] + trainings(run).map { "checkpoints/\($0.name)/\(TrainingFiles.model())" }
    }

    func run(_ run: RunContext) throws {
        let trainings = try trainings(run), policies = study.subjectTrainings + study.controlTrainings
        if trainings.isEmpty { run.log.info("\(study.settings.audit?.controls == false ? "audit.controls is false" : "no cameras"): the lookup table is left out") }
        var done: [(String, StoreEntry)] = try policies.map { ($0.name, try study.trained($0, run)) }
        try run.writeMetrics(done)
        for training in trainings {
            let entry = try study.trained(training, study.data(run, part: training.part), run)
            run.told(entry, training.name)
            done.append((training.name, entry))
        }
        try run.writeMetrics(done)
    }
}

extension Study {
    /// Of the policy under study.
    fileprivate var subjectTrainings: [PolicyTraining] { catalogue.trainings(StudyPart.all(settings), ofSubject: true) }
    /// Of all other policies.
    fileprivate var controlTrainings: [PolicyTraining] { catalogue.trainings(StudyPart.all(settings), ofSubject: false) }

    /// The identity of every training: what is trained, not what it is called.
    fileprivate func fingerprint(of trainings: [PolicyTraining], _ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.data, of: run)
        for training in trainings {
            let data = try data(run, view: training.view, part: training.part)
            fingerprint.add(training.name, text: run.store.name(try training.identity(settings, data)))
            fingerprint.add("\(training.name), kept", text: "\(training.kept)")
        }
        return fingerprint
    }

    fileprivate func outputs(of trainings: [PolicyTraining]) -> [String] {
        trainings.flatMap { training in
            ([nil] + training.kept).map { "checkpoints/\(training.name)/\(TrainingFiles.model(step: $0))" }
        }
    }

    /// - Parameter earlier: those of the stages before, whose metrics stand first.
    fileprivate func train(_ trainings: [PolicyTraining], after earlier: [PolicyTraining], _ run: RunContext) throws {
        var done: [(String, StoreEntry)] = try earlier.map { ($0.name, try trained($0, run)) }
        try run.writeMetrics(done)
        try SmallTrainings(study: self, run: run).obtain(trainings)
        for training in trainings {
            let entry = try trained(training, run)
            run.told(entry, training.name)
            done.append((training.name, entry))
        }
        try run.writeMetrics(done)
    }
}

extension RunContext {
    /// The rows of finished trainings, in the order in which they are trained.
    fileprivate func writeMetrics(_ trainings: [(name: String, entry: StoreEntry)]) throws {
        try metrics.replace(with: trainings.flatMap { name, entry in
            try TrainingFiles.metrics(of: entry).map { MetricsFile.Row(stage: name, $0) }
        })
    }

    /// Says where a training came from when it was there before.
    fileprivate func told(_ entry: StoreEntry, _ name: String) {
        if entry.wasFound { log.info("\(name): found, trained \(entry.maker.start) by commit \(entry.maker.commit?.prefix(8) ?? "unknown"), \(entry.name)") }
    }
}
