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
    @Flag(help: .hidden) var inThisProcess = false

    /// The check runs in a child process: a hostile file may crash the HDF5 library, and that is the file's fault.
    func run() throws {
        guard inThisProcess else {
            let arguments = ["dataset", "validate", file, "--in-this-process"] + (json ? ["--json"] : [])
            let status = try SelfExecution.run(arguments, crashed: "checking the file crashed the HDF5 library", at: file)
            guard status == 0 else { throw ExitCode(status) }
            return
        }
        let report = try DatasetValidator.validate(path: file)
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
        if !report.isValid { throw ExitCode(Failure.Kind.data.exitCode) }
    }
}
