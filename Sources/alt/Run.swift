import ArgumentParser
import Runs
import Study

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run every stage of one study, or go on where it was stopped.",
        discussion: """
            Examples:
              alt run experiments/tabletop-lift.yaml
              alt run experiments/tabletop-lift.yaml seed=1 diffusion.training.steps=8000
              alt run experiments/tabletop-lift.yaml --smoke --results elsewhere

            The same command again finds its run and skips what is unchanged. Ctrl-C saves first (exit code 75).
            """)

    @OptionGroup var experiment: ExperimentOptions
    @Option(help: "Folder for results.") var results = "results"
    @Flag(help: "Check everything and say what would run; write nothing.") var dryRun = false
    @Flag(help: "No progress, warnings and errors only.") var quiet = false

    func run() throws {
        let file = try experiment.load()
        try file.settings.checkPaths(file.origins)
        if dryRun {
            print("run      \(RunFolder.path(for: try file.runConfiguration(), results: results))")
            print("stages   \(Study(file.settings).stages.map(\.name).joined(separator: ", "))")
            print("settings are valid; `alt show` prints them")
            return
        }
        try StudySession.run(file, results: results, folder: nil, quiet: quiet)
    }
}
