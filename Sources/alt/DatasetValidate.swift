import ArgumentParser
import Basics
import Demonstrations

struct DatasetValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check everything in a robomimic file that a study relies on.",
        discussion: """
            Example:
              alt dataset validate datasets/lift.hdf5

            Exit code 65 when there are errors; warnings are listed and pass.
            """)

    @Argument(help: "A robomimic HDF5 file.", completion: .file(extensions: ["hdf5", "h5"])) var file: String
    @Flag(help: "JSON instead of text.") var json = false

    func run() throws {
        let report = try DatasetValidator.validate(path: file)
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
        if !report.isValid { throw ExitCode(Failure.Kind.data.exitCode) }
    }
}
