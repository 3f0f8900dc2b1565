import ArgumentParser
import Basics
import Foundation
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

struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on with a run where it was stopped.",
        discussion: """
            Example:
              alt resume results/tabletop-lift/study-0123abcd-s0
            """)

    @Argument(help: "A run's folder.", completion: .directory) var folder: String
    @Flag(help: "No progress, warnings and errors only.") var quiet = false

    func run() throws {
        let path = try RunPath.checked(folder)
        let file = try ExperimentFile.load(path + "/config.yaml")
        try file.settings.checkPaths(file.origins)
        try StudySession.run(file, results: "", folder: path, quiet: quiet)
    }
}

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the summary of finished runs and where their files are.",
        discussion: """
            Example:
              alt report results/tabletop-lift/study-0123abcd-s0
            """)

    @Argument(help: "Runs' folders.", completion: .directory) var runs: [String]
    @Flag(help: "Every row of summary.csv instead of the headline.") var all = false

    func run() throws {
        for run in runs { try RunReport.print(try RunPath.checked(run), all: all) }
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the fully resolved configuration.",
        discussion: """
            Example:
              alt show experiments/tabletop-lift.yaml diffusion.training.steps=100
            """)

    @OptionGroup var experiment: ExperimentOptions

    func run() throws {
        print(try experiment.load().settings.resolvedYAML(), terminator: "")
    }
}

/// The file, profile and overrides that several verbs take.
struct ExperimentOptions: ParsableArguments {
    @Argument(help: "An experiment's YAML file, or a run's config.yaml.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String
    @Argument(help: "Changes as key.path=value, written as in YAML.") var overrides: [String] = []
    @Option(help: "A name below the file's `profiles`.") var profile: String?
    @Flag(help: "Short for --profile smoke: every stage in seconds.") var smoke = false

    func validate() throws {
        if smoke, let profile, profile != "smoke" {
            throw ValidationError("--smoke and --profile \(profile) exclude each other")
        }
    }

    func load() throws -> ExperimentFile {
        try ExperimentFile.load(config, profile: smoke ? "smoke" : profile, overrides: overrides)
    }
}

/// What `run` and `resume` share: signals, the run itself, and what is printed at the end.
enum StudySession {
    static func run(_ file: ExperimentFile, results: String, folder: String?, quiet: Bool) throws {
        let console = Console.standardError(quiet: quiet), interruption = Interruption()
        interruption.install()
        let outcome = try Study.run(
            file, results: results, folder: folder, command: CommandLine.arguments, console: console, interruption: interruption)
        try RunReport.print(outcome.path)
    }
}

/// A run's folder as typed.
enum RunPath {
    /// Without a trailing slash.
    /// - Throws: `Failure` (`inputMissing`) when it is no run.
    static func checked(_ path: String) throws -> String {
        var folder = path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        guard FileManager.default.fileExists(atPath: folder + "/config.yaml") else {
            throw Failure(
                .inputMissing, "this is not a run's folder", at: folder, expected: "a folder with a config.yaml",
                remedy: "`alt list` shows the runs there are")
        }
        return folder
    }
}

/// A run's results on standard output.
enum RunReport {
    /// The summary, when the run has one, and where its files are.
    /// - Parameter all: every row of the summary instead of the headline.
    static func print(_ path: String, all: Bool = false) throws {
        let summary = path + "/summary.csv"
        if FileManager.default.fileExists(atPath: summary) {
            if all {
                Swift.print(try SummaryHeadline(summary).allRows)
            } else {
                let headline = try SummaryHeadline(summary)
                Swift.print(headline.text)
                if FileManager.default.fileExists(atPath: path + "/claims.csv") {
                    Swift.print(try ClaimsText(path + "/claims.csv").text)
                }
                Swift.print("summary.csv has \(headline.rowCount) rows; `alt report --all \(path)` prints them\n")
            }
        }
        Swift.print("run      \(path)")
        for (label, name) in [("claims", "claims.md"), ("summary", "summary.csv"), ("probes", "probes"), ("plots", "plots"), ("sheets", "sheets"), ("log", "log.txt")] {
            let place = path + "/" + name
            guard FileManager.default.fileExists(atPath: place) else { continue }
            Swift.print(label.padding(toLength: 9, withPad: " ", startingAt: 0) + place)
        }
    }
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List runs and where they stand.",
        discussion: """
            Example:
              alt list --results results
            """)

    @Option(help: "Folder of results.") var results = "results"
    @Flag(help: "JSON instead of a table.") var json = false

    func run() throws {
        let runs = try RunCatalogue.runs(in: results)
        if json { return try JSONOutput.print(runs) }
        print(
            TextColumns.align(
                [["run", "state", "stage", "step", "exit"]]
                    + runs.map { run in
                        [
                            run.path, run.status?.state.rawValue ?? "unknown", run.status?.stage ?? "-",
                            run.status?.step.map { "\($0)/\(run.status?.steps ?? 0)" } ?? "-",
                            run.status?.exitCode.map(String.init) ?? "-",
                        ]
                    }), terminator: "")
    }
}
