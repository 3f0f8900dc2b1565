import ArgumentParser
import Demonstrations

struct DatasetInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a robomimic file holds.",
        discussion: """
            Example:
              alt dataset inspect datasets/lift.hdf5
            """)

    @Argument(help: "A robomimic HDF5 file.", completion: .file(extensions: ["hdf5", "h5"])) var file: String
    @Flag(help: "JSON instead of text.") var json = false

    func run() throws {
        let description = try DatasetInspector.inspect(path: file)
        if json { return try JSONOutput.print(description) }
        print(description.text)
    }
}
