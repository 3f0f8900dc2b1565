import Foundation
import Runs
import Study

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
