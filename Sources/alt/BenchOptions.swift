import ArgumentParser
import Basics
import Benchmarks
import Foundation
import Runs

/// What the benchmark's verbs share.
struct BenchOptions: ParsableArguments {
    @Option(help: "Threads.") var workers = 2
    @Option(help: "Folder for results; the tables go to its folder bench.") var results = "results"
    @Flag(help: "Fewer runs and less data, for a first look.") var quick = false
    @Flag(help: "No progress.") var quiet = false

    func validate() throws {
        guard workers >= 1 else { throw ValidationError("--workers must be at least 1, found \(workers)") }
    }

    var sizes: BenchmarkSizes { quick ? .quick : BenchmarkSizes() }

    /// - Parameter file: a robomimic file to load.
    /// - Throws: `Failure` (`inputMissing`) when the file does not exist.
    func context(temporaryFolder: String, file: String? = nil) throws -> BenchmarkContext {
        if let file, !FileManager.default.fileExists(atPath: file) {
            throw Failure(.inputMissing, "the file to load does not exist", at: "--file \(file)")
        }
        let console = Console.standardError(quiet: quiet)
        return BenchmarkContext(sizes: sizes, workers: workers, file: file, temporaryFolder: temporaryFolder) { text in
            if !console.isQuiet { console.line(text) }
        }
    }
}
