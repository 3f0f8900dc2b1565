import ArgumentParser

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
