import ArgumentParser
import Study

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
