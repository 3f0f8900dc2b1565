import Basics
import Runs

extension Study {
    /// The stages in the order in which they run. Adding one is a file and a line here.
    public var stages: [any Stage] {
        [
            DataStage(study: self), PictureStage(study: self), TrainDiffusionStage(study: self), TrainControlsStage(study: self),
            TrainContrastiveStage(study: self), EmbedStage(study: self), QueryStage(study: self), ManifoldStage(study: self),
            ProbeStage(study: self), ReportStage(study: self),
        ]
    }

    /// Creates or picks up an experiment's run, does what is left, and keeps status, provenance and log.
    /// - Parameters:
    ///   - folder: the run's folder; nil for its place below `results`.
    ///   - command: as typed, for the provenance.
    /// - Throws: `Failure`; `status.json` and `provenance.json` then carry its exit code, and the run can be picked up.
    public static func run(
        _ experiment: ExperimentFile, results: String, folder: String? = nil, command: [String], console: Console,
        interruption: Interruption
    ) throws -> RunSession.Outcome {
        let configuration = try experiment.runConfiguration()
        let place = folder ?? RunFolder.path(for: configuration, results: results)
        let runFolder = try RunFolder(configuration, at: place) { try ExperimentFile.load($0).runConfiguration() }
        return try RunSession(runFolder, command: command, console: console, interruption: interruption)
            .run(Study(experiment.settings).stages)
    }
}

extension ExperimentFile {
    /// What a run keeps of the experiment.
    public func runConfiguration() throws -> RunConfiguration {
        RunConfiguration(
            experiment: settings.experiment, hash: try settings.configurationHash(), seed: settings.seed,
            yaml: try settings.resolvedYAML(), overrides: overrides)
    }
}
