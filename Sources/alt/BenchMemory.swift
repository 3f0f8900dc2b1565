import ArgumentParser
import Benchmarks

/// The child process in which the benchmark measures memory.
struct BenchMemory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Write the peak memory of one row to a file.", shouldDisplay: false)

    @Argument var row: String
    @Option var report: String
    @Option var workers = 2
    @Option var file: String?
    @Flag var tiny = false

    func run() throws {
        let context = BenchmarkContext(
            sizes: tiny ? .tiny : BenchmarkSizes(), workers: workers, file: file, temporaryFolder: ".")
        try PeakMemory.report(row: row, context, to: report)
    }
}
