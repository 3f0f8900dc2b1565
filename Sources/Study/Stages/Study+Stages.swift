import Basics
import Runs
import Store

extension Study {
    /// The stages in the order in which they run. Adding one is a file and a line here.
    public var stages: [any Stage] { all.filter { settings.audit == nil || !Self.ownTraining.contains($0.name) } }

    /// Of a study that trains the policy itself; an audit has none of them.
    private static let ownTraining: Set<String> = [StageName.diffusion, StageName.controls, StageName.policies, StageName.manifolds]

    private var all: [any Stage] {
        [
            DataStage(study: self), PictureStage(study: self), TrainDiffusionStage(study: self), TrainControlsStage(study: self),
            TrainEncodersStage(study: self), EmbedStage(study: self), PolicyStage(study: self), QueryStage(study: self), RolloutStage(study: self),
            ManifoldStage(study: self), ProbeStage(study: self), ReportStage(study: self),
        ]
    }

    /// Creates or picks up an experiment's run, does what is left, and keeps status, provenance and log.
    /// - Parameters:
    ///   - results: the folder that holds runs and their store.
    ///   - folder: a run that is resumed; nil for the experiment's place below `results`.
    ///   - drawsPictures: false leaves figures as data and gnuplot scripts; the same run with true draws them.
    ///   - command: as typed, for the provenance.
    /// - Throws: `Failure`; `status.json` and `provenance.json` then carry its exit code, and the run can be picked up.
    public static func run(
        _ experiment: ExperimentFile, results: String, folder: String? = nil, drawsPictures: Bool = true, command: [String], program: ProgramIdentity,
        console: Console, interruption: Interruption
    ) throws -> RunSession.Outcome {
        // A place that cannot be written is found before anything is made.
        if folder == nil { try FileSystem.makeFolder("\(results)/\(experiment.settings.experiment)") }
        try DatasetGeneration.provide(experiment.settings, console, interruption)
        if let folder { try checkRecord(experiment.runConfiguration(), folder) }
        let experiment = try experiment.resolvingAudit().namingObservations(), configuration = try experiment.runConfiguration()
        let runFolder = try RunFolder(configuration, at: folder ?? RunFolder.path(for: configuration, results: results))
        return try RunSession(runFolder, command: command, program: program, console: console, interruption: interruption)
            .run(Study(experiment.settings, drawsPictures: drawsPictures).stages)
    }

    /// A run goes on only with the configuration and the demonstrations that it was made with.
    static func checkRecord(_ configuration: RunConfiguration, _ folder: String) throws {
        let record = try RunRecord.read(run: folder)
        guard (record.configurationHash, record.seed) == (configuration.hash, configuration.seed) else {
            throw Failure(
                .data, "config.yaml is not what this run was made with", at: "\(folder)/config.yaml",
                expected: "configuration \(record.configurationHash), seed \(record.seed)",
                found: "configuration \(configuration.hash), seed \(configuration.seed)",
                remedy: "`alt run` with the study's own file goes on with the run and writes config.yaml anew")
        }
        guard record.dataSha256 == configuration.dataHash else {
            throw Failure(
                .data, "the demonstrations are not those this run was made with", at: folder,
                expected: "SHA-256 \(record.dataSha256)", found: configuration.dataHash,
                remedy: "put the file back; `alt run` with the new one makes a run of its own")
        }
    }
}

extension ExperimentFile {
    /// The same with the observation keys that `null` stands for, so that the run's config.yaml says what was observed. Reads the
    /// demonstrations' file; the same keys, named or not, make the same run. A file in which they cannot be found is refused by the
    /// data stage, whose run says why: here it leaves the settings as they are.
    public func namingObservations() throws -> ExperimentFile {
        var settings = settings, named = settings.data.selection, lowDimOfState = [String]()
        do {
            (named, lowDimOfState) = try named.naming(lowDimOfState: settings.state.lowDim)
        } catch let failure as Failure where failure.kind == .data {
            return self
        }
        (settings.data.cameras, settings.data.lowDim, settings.state.lowDim) = (named.cameras, named.lowDimKeys, lowDimOfState)
        return with(settings)
    }

    /// What a run keeps of the experiment. Reads the demonstrations' file, whose content is part of it.
    public func runConfiguration() throws -> RunConfiguration {
        RunConfiguration(
            experiment: settings.experiment, hash: try settings.configurationHash(), dataHash: try settings.dataHash(),
            seed: settings.seed, yaml: try settings.resolvedYAML(), overrides: overrides)
    }
}
