import ArgumentParser
import Basics
import Foundation
import Runs
import Store
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
    @Flag(help: "Open everything, and say what would run, what is there already and how long it takes; write nothing.") var dryRun = false
    @OptionGroup var drawing: DrawingOptions
    @OptionGroup var said: ConsoleOptions

    func run() throws {
        let file = try experiment.load()
        try file.settings.checkPaths(file.origins)
        try ResultsFolder.check(results)
        try StudySession.run(file, results: results, drawing, dryRun: dryRun, said.console)
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
    @OptionGroup var drawing: DrawingOptions
    @OptionGroup var said: ConsoleOptions

    func run() throws {
        let path = try RunPath.checked(folder)
        _ = try RunRecord.read(run: path)
        let file = try ExperimentFile.load(path + "/config.yaml")
        try file.settings.checkPaths(file.origins)
        try StudySession.run(file, results: "", folder: path, drawing, said.console)
    }
}

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the summary of finished runs and where their files are.",
        discussion: """
            Examples:
              alt report results/tabletop-lift/study-0123abcd-4567cdef-s0
              alt report results/tabletop-lift/study-*-s0 --html

            Every run writes its report.html; --html writes it anew from the run's files.
            """)

    @Argument(help: "Runs' folders.", completion: .directory) var runs: [String]
    @Flag(help: "Every row of summary.csv instead of the headline.") var all = false
    @Flag(help: "Write RUN/report.html: claims, figures, sheets and provenance on one page.") var html = false

    func validate() throws {
        if html, all { throw ValidationError("--html and --all exclude each other") }
    }

    func run() throws {
        for run in runs {
            let path = try RunPath.checked(run)
            guard html else {
                try RunReport.print(path, all: all)
                continue
            }
            try ReportPage(path).write()
            try Output.print("\(path)/\(ReportPage.file)")
        }
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
        try Output.print(experiment.load().settings.resolvedYAML(), terminator: "")
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
    /// A new run or one that goes on; with `dryRun` only what it would do.
    static func run(_ file: ExperimentFile, results: String, _ drawing: DrawingOptions, dryRun: Bool, _ console: Console) throws {
        guard dryRun else { return try run(file, results: results, folder: nil, drawing, console) }
        let interruption = Interruption()
        interruption.install()
        let outlook = try StudyOutlook(
            file, results: results, drawsPictures: drawing.drawsPictures, program: .current, console: console, interruption: interruption)
        try Output.print(outlook.text(), terminator: "")
    }

    static func run(_ file: ExperimentFile, results: String, folder: String?, _ drawing: DrawingOptions, _ console: Console) throws {
        let interruption = Interruption()
        interruption.install()
        let outcome = try Study.run(
            file, results: results, folder: folder, drawsPictures: drawing.drawsPictures, command: CommandLine.arguments, program: .current,
            console: console, interruption: interruption)
        try RunReport.print(outcome.path)
    }
}

/// A folder of results as typed.
enum ResultsFolder {
    /// - Throws: `Failure` (`usage`) for an empty name, which would be the root of the file system.
    static func check(_ results: String) throws {
        guard results.isEmpty else { return }
        throw Failure(.usage, "--results is empty", expected: "a folder, for instance results", found: "\"\"", remedy: "name one, or leave --results out")
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
    /// Where it stands unless it is done, the summary, when the run has one, and where its files are.
    /// - Parameter all: every row of the summary instead of the headline.
    static func print(_ path: String, all: Bool = false) throws {
        let listing = try RunListing(path)
        if listing.state != RunStatus.State.done.rawValue { try Output.print(listing.standing + "\n") }
        let summary = path + "/summary.csv"
        if FileManager.default.fileExists(atPath: summary) {
            if all {
                try Output.print(SummaryHeadline(run: path).allRows)
            } else {
                try Output.print(FirstPage(run: path).text)
                let headline = try SummaryHeadline(run: path)
                try Output.print(headline.text)
                if FileManager.default.fileExists(atPath: path + "/claims.csv") {
                    try Output.print(ClaimsText(path + "/claims.csv").text)
                }
                try Output.print("summary.csv has \(headline.rowCount) rows; `alt report --all \(path)` prints them\n")
            }
        }
        try Output.print("run      \(path)")
        for (label, name) in [("page", ReportPage.file), ("claims", "claims.md"), ("summary", "summary.csv"), ("probes", "probes"), ("plots", "plots"), ("sheets", "sheets"), ("policy", "policy"), ("log", "log.txt")] {
            let place = path + "/" + name
            guard FileManager.default.fileExists(atPath: place) else { continue }
            try Output.print(label.padding(toLength: 9, withPad: " ", startingAt: 0) + place)
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
        try ResultsFolder.check(results)
        let runs = try RunListing.all(in: results)
        if json { return try JSONOutput.print(runs) }
        try Output.print(TextColumns.align(RunListing.lines(runs)), terminator: "")
    }
}

struct Clean: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what no run points to in the store of trainings, with sizes; remove it with --remove.",
        discussion: """
            Examples:
              alt clean
              alt clean --results results --remove

            Runs are never removed. An entry that a process works on, or that any run below the results folder points to, stays.
            """)

    @Option(help: "Folder of results.") var results = "results"
    @Flag(help: "Remove what is listed.") var remove = false
    @Flag(help: "JSON instead of a table.") var json = false

    func run() throws {
        try ResultsFolder.check(results)
        guard FileSystem.isFolder(results) else {
            throw Failure(
                .inputMissing, "there is no such folder of results", at: results, expected: "the folder that holds runs and their store",
                remedy: "name it with --results DIR")
        }
        let cleaning = StoreCleaning(results: results), unused = try cleaning.unused()
        let shown = remove ? try cleaning.remove(unused) : unused
        if json { return try JSONOutput.print(shown) }
        let total = shown.reduce(0) { $0 + $1.bytes }
        try Output.print(
            TextColumns.align(
                [["entry", "size", "state", "made"]]
                    + shown.map { [$0.path, ByteCount.text($0.bytes), $0.state, $0.made.isEmpty ? "-" : $0.made] }), terminator: "")
        try Output.print("\(remove ? "removed" : "unused") \(shown.count), \(ByteCount.text(total))\(remove || shown.isEmpty ? "" : "; `alt clean --remove` removes it")")
        if remove, shown.count < unused.count { try Output.print("\(unused.count - shown.count) left, since a process began to use them") }
    }
}
