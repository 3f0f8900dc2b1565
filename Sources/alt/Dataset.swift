import ArgumentParser
import Basics
import Configuration
import Demonstrations
import Foundation
import Runs
import Study
import Tabletop

struct Dataset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect, validate or generate demonstrations.",
        discussion: """
            Examples:
              alt dataset generate lift --demonstrations 60 --seed 0 --output datasets/lift.hdf5
              alt dataset inspect datasets/lift.hdf5
              alt dataset validate datasets/lift.hdf5
            """,
        subcommands: [DatasetInspect.self, DatasetValidate.self, DatasetGenerate.self])
}

struct DatasetGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Make demonstrations with the embedded simulator's scripted expert.",
        discussion: """
            Example:
              alt dataset generate lift --demonstrations 60 --seed 0 --output datasets/lift.hdf5
            """)

    @Argument(help: "A task of the embedded simulator.") var task: String
    @Option(help: "How many.") var demonstrations = TabletopGenerator.Configuration().demonstrations
    @Option(help: "The same seed gives the same file.") var seed = TabletopGenerator.Configuration().seed
    @Option(help: "The file to make; it must not exist.") var output: String
    @Option(help: "Threads; the file does not depend on it.") var workers = 2
    @OptionGroup var said: ConsoleOptions

    func validate() throws {
        try TabletopGenerator.Configuration.demonstrationsRule.check(demonstrations, "--demonstrations")
        try Rule.seed.check(seed, "--seed")
        try Settings.workersRule.check(workers, "--workers")
    }

    func run() throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw Failure(
                .cannotCreate, "the output exists", at: output, expected: "a new file",
                remedy: "name another with --output, or remove this one")
        }
        var settings = TabletopGenerator.Configuration()
        settings.task = task
        settings.demonstrations = demonstrations
        settings.seed = seed
        let rejected = try DatasetGeneration.write(
            settings, to: output, workers: workers, progress: ProgressReporter(said.console))
        try Output.print("\(output): \(demonstrations) demonstrations of \(task), seed \(seed), \(rejected) attempts drawn again")
    }
}

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
        try Output.print(description.text)
    }
}

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
            try Output.print(report.text)
        }
        if !report.isValid { throw ExitCode(Failure.Kind.data.exitCode) }
    }
}

/// Values on standard output for programs.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try Output.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
