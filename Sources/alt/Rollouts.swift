import ArgumentParser
import Basics
import Runs
import Store
import Study

struct Rollouts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Episodes of a run's policies in a simulator of their own: robosuite, Meta-World, or another through `alt serve`.",
        discussion: """
            make robosuite-rollouts RUN=... and make metaworld-rollouts RUN=... do all of it: datasets/simulators/README.md.
            """,
        subcommands: [Plan.self, Import.self])

    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print which episodes a run wants, as JSON.",
            discussion: """
                Example:
                  alt rollouts plan results/robosuite-lift/study-0123abcd-4567cdef-s0

                Policies by the names that `alt serve RUN --policy` takes, the number of starts of each, and the limit in control steps, from the
                run's settings `rollouts`.
                """)

        @Argument(help: "A run's folder.", completion: .directory) var folder: String
        @OptionGroup var said: ConsoleOptions

        func run() throws {
            let order = try RolloutOrder(run: RunPath.checked(folder), program: .current, console: said.console, interruption: Interruption())
            try Output.print(JSONFile.line(order))
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring episodes that were carried out elsewhere into a run, and go on with it.",
            discussion: """
                Example:
                  alt rollouts import results/robosuite-lift/study-0123abcd-4567cdef-s0 results/robosuite-lift/rollouts

                The second folder holds rollouts.json, episodes.csv with the columns of rollouts.csv, and what of monitors.csv, films.csv and films/*.png there
                is. It is checked and copied to RUN/recorded; then the run's stages from the rollouts on are done again: statistics, P19, P21,
                figures, claims.md.
                """)

        @Argument(help: "A run's folder.", completion: .directory) var folder: String
        @Argument(help: "What make robosuite-rollouts or metaworld-rollouts wrote.", completion: .directory) var episodes: String
        @OptionGroup var drawing: DrawingOptions
        @OptionGroup var said: ConsoleOptions

        func run() throws {
            let path = try RunPath.checked(folder)
            let line = try RolloutImport.bring(episodes, into: path, program: .current, console: said.console, interruption: Interruption())
            said.console.line(line)
            let file = try ExperimentFile.load(path + "/config.yaml")
            try file.settings.checkPaths(file.origins)
            try StudySession.run(file, results: "", folder: path, drawing, said.console)
        }
    }
}
