import ArgumentParser
import Basics
import Foundation
import Runs
import Store
import Study

@main struct Alt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alt",
        abstract: "Do diffusion policies memorise? Trains one, puts an action lookup table beside it, and measures.",
        discussion: """
            Examples:
              alt run experiments/tabletop-lift.yaml --smoke      every stage in seconds
              alt run experiments/tabletop-lift.yaml              the default study
              alt run experiments/robosuite-lift.yaml data.path=lift.hdf5
              alt list                                            runs and where they stand

            Exit codes:
              0 done                         64 usage
              65 bad data or configuration   66 input missing
              69 built for another processor
              70 defect or diverged          73 output exists or cannot be created
              74 reading or writing failed   75 stopped, saved, resumable
              130 stopped at once
            """,
        version: ProgramIdentity.current.description,
        subcommands: [
            Run.self, Resume.self, Show.self, List.self, Report.self, Watch.self, Compare.self, Pool.self, Query.self, Audit.self, Serve.self, Rollouts.self, Ask.self, GlossaryCommand.self, Clean.self, Dataset.self, Bench.self, Info.self,
        ])

    /// Failures of ours leave with their own exit code, everything else as swift-argument-parser has it (64 for usage).
    static func main() {
        do {
            try Verbs.check(Array(CommandLine.arguments.dropFirst()), of: Alt.self)
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            leave(failure)
        } catch {
            guard exitCode(for: error) == .success else { exit(withError: error) }
            do { try Output.print(fullMessage(for: error)) } catch let failure as Failure { leave(failure) } catch { exit(withError: error) }
        }
    }

    private static func leave(_ failure: Failure) -> Never {
        Console.standardError(quiet: false).error(failure.description)
        Foundation.exit(failure.kind.exitCode)
    }
}

struct GlossaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "glossary", abstract: "Print what every endpoint, policy, condition and verdict of the tables means.",
        discussion: """
            Example:
              alt glossary > results/GLOSSARY.md
            """)

    func run() throws { try Output.print(Glossary().markdown, terminator: "") }
}

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a bug report needs: versions, processor, tools.",
        discussion: """
            Example:
              alt info
            """)

    @Flag(help: "JSON instead of lines.") var json = false

    func run() throws {
        let info = try SystemInformation.current(.current)
        if json { return try JSONOutput.print(info) }
        try Output.print(TextColumns.align(info.lines), terminator: "")
    }
}
