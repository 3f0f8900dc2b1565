import ArgumentParser
import Basics
import Foundation
import Runs
import Study
import Tabletop

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
    @Flag(help: "No progress.") var quiet = false

    func validate() throws {
        guard demonstrations >= 1 else { throw ValidationError("--demonstrations must be at least 1, found \(demonstrations)") }
        guard seed >= 0 else { throw ValidationError("--seed must be at least 0, found \(seed)") }
        guard workers >= 1 else { throw ValidationError("--workers must be at least 1, found \(workers)") }
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
        let console = Console.standardError(quiet: quiet)
        let rejected = try DatasetGeneration.write(
            settings, to: output, workers: workers, progress: ProgressReporter(console))
        print("\(output): \(demonstrations) demonstrations of \(task), seed \(seed), \(rejected) attempts drawn again")
    }
}
