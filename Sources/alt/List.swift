import ArgumentParser
import Basics
import Runs

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
