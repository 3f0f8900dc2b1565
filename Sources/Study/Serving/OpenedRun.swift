import Basics
import Runs
import Store

/// A run of this program as it is read, never changed.
struct OpenedRun {
    let path: String
    let study: Study
    let run: RunContext
    let configuration: RunConfiguration

    /// - Parameter workers: threads; nil for the run's own
    /// - Throws: `Failure`: `inputMissing` for demonstrations that are gone, `data` where they or the settings are others now.
    init(_ path: String, workers: Int? = nil, program: ProgramIdentity, console: Console, interruption: Interruption) throws {
        let file = try ExperimentFile.load("\(path)/config.yaml", overrides: workers.map { ["workers=\($0)"] } ?? []).resolvingAudit()
        try file.settings.checkPaths(file.origins)
        self.path = path
        configuration = try file.runConfiguration()
        try Study.checkRecord(configuration, path)
        study = Study(file.settings)
        run = RunContext.reading(configuration, in: path, program: program, console: console, interruption: interruption)
    }

    /// - Throws: `Failure` (`data`) where the study lets its policies loose itself.
    func demandSimulatorElsewhere() throws {
        guard try study.rolloutTask(run) != nil else { return }
        throw Failure(
            .data, "the embedded simulator made these demonstrations, and the study lets its policies loose there itself", at: path,
            expected: "a run on demonstrations of another simulator", found: "env_args of the embedded one")
    }
}
