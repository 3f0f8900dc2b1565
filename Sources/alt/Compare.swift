import ArgumentParser
import Basics
import Study

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put runs side by side: settings that differ, claims, endpoints, paired differences.",
        discussion: """
            Examples:
              alt compare results/tabletop-lift/study-0123abcd-4567cdef-s0 results/mine/study-89ab0123-4567cdef-s0
              alt compare RUN RUN RUN --output side-by-side

            The first run is what the others are compared with. Differences are paired over the demonstrations both asked about, where
            both hold the same data, and over the starts in the simulator, where seed and task are the same.
            """)

    @Argument(help: "Runs' folders.", completion: .directory) var runs: [String]
    @Flag(help: "Every endpoint instead of those that decide a claim.") var all = false
    @Option(help: "Folder for compare.html and a CSV file a table, instead of text.", completion: .directory) var output: String?

    func run() throws { try SeveralRuns.show(RunComparison(runs.map(RunPath.checked)).page(all: all), as: "compare", output) }
}

struct Pool: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take runs of one study over several seeds as one result.",
        discussion: """
            Examples:
              alt pool results/tabletop-lift/study-0123abcd-4567cdef-s*
              alt pool RUN RUN RUN --output pooled

            Verdicts are counted; endpoints get a mean and an interval over runs, and what is known of every demonstration or start one
            over runs, then those.
            """)

    @Argument(help: "Runs' folders.", completion: .directory) var runs: [String]
    @Option(help: "Folder for pool.html and a CSV file a table, instead of text.", completion: .directory) var output: String?

    func run() throws { try SeveralRuns.show(RunPool(runs.map(RunPath.checked)).page(), as: "pool", output) }
}

/// What is made of several runs: on standard output, or in a folder.
enum SeveralRuns {
    static func show(_ page: RunsPage, as name: String, _ output: String?) throws {
        guard let output else { return try Output.print(page.text, terminator: "") }
        guard !output.isEmpty else { throw Failure(.usage, "--output is empty", expected: "a folder", found: "\"\"") }
        try Output.print(page.write(name, to: output))
    }
}
