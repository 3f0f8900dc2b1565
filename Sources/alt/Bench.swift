import ArgumentParser
import Basics
import Benchmarks
import Configuration
import Foundation
import Runs
import Study

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time training, queries, lookups and loading against what this machine can do.",
        discussion: """
            Examples:
              alt bench                                   every row: milliseconds and share of the machine's limit
              alt bench --row train_step_image --runs 30
              alt bench --list
              alt bench peers --python python3            beside PyTorch, FAISS and others
              alt bench scaling                           against batch, workers, width, rows and demonstrations

            Results go to results/bench and replace those of the last benchmark.
            """,
        subcommands: [BenchRows.self, BenchPeers.self, BenchScaling.self, BenchMemory.self, BenchSpin.self], defaultSubcommand: BenchRows.self)
}

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

/// The busy program beside which the benchmark measures.
struct BenchSpin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spin", abstract: "Keep one core busy until standard input ends.", shouldDisplay: false)

    func run() throws { BusyPrograms.spin() }
}

/// What the benchmark's verbs share.
struct BenchOptions: ParsableArguments {
    @Option(help: "Threads.") var workers = 2
    @Option(help: "Folder for results; the tables go to its folder bench.") var results = "results"
    @Flag(help: "Fewer runs and less data, for a first look.") var quick = false
    @OptionGroup var said: ConsoleOptions

    /// Of how often something is timed.
    static var runsRule: Rule<Int> { .within(1...100_000) }

    func validate() throws {
        try Settings.workersRule.check(workers, "--workers")
    }

    var sizes: BenchmarkSizes { quick ? .quick : BenchmarkSizes() }

    /// Writes `machine.csv`, and says what the machine gives.
    func writeMachine(to folder: BenchmarkFolder) throws {
        let yardstick = Yardstick.measure(workers: workers), console = said.console
        try folder.write(try BenchmarkReport.machine(yardstick, .current), "machine.csv")
        if !console.isQuiet { console.line(yardstick.text) }
        if let warning = yardstick.warning { console.line("warning: \(warning)") }
    }

    /// - Parameter file: a robomimic file to load.
    /// - Throws: `Failure` (`inputMissing`) when the file does not exist.
    func context(temporaryFolder: String, file: String? = nil) throws -> BenchmarkContext {
        if let file, !FileManager.default.fileExists(atPath: file) {
            throw Failure(.inputMissing, "the file to load does not exist", at: "--file \(file)")
        }
        let console = said.console
        return BenchmarkContext(sizes: sizes, workers: workers, file: file, temporaryFolder: temporaryFolder) { text in
            if !console.isQuiet { console.line(text) }
        }
    }
}

struct BenchRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rows", abstract: "Check every row's results, then time it (the default).",
        discussion: """
            Examples:
              alt bench
              alt bench --row lookup_top5_10000 --row alt_encode_one --runs 50
              alt bench --row load_robomimic --file datasets/lift.hdf5

            Writes bench.csv, breakdown.csv (time per operation) and machine.csv. A failed check leaves with 70.
            """)

    @Option(name: .customLong("row"), help: "Only this row; may be repeated.") var names: [String] = []
    @Option(help: "Timed runs of a row; 15, or 3 with --quick. Short rows get more, long ones fewer.") var runs: Int?
    @Option(help: "A gzip robomimic file for load_robomimic.", completion: .file(extensions: ["hdf5", "h5"])) var file: String?
    @Flag(help: "Print the rows' names.") var list = false
    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let runs { try BenchOptions.runsRule.check(runs, "--runs") }
    }

    func run() throws {
        let rows = try BenchmarkRows.named(names, options.sizes)
        if list { return try rows.forEach { try Output.print($0.name) } }
        let folder = try BenchmarkFolder(results: options.results)
        try options.writeMachine(to: folder)
        let report = try BenchmarkFolder.withTemporaryFolder { temporary in
            try Benchmark(
                rows: rows, context: try options.context(temporaryFolder: temporary, file: file),
                effort: Timing.Effort(runs: runs ?? (options.quick ? 3 : 15))
            ).run { report in
                try folder.write(report.table, "bench.csv")
                try folder.write(report.breakdown, "breakdown.csv")
            }
        }
        try Output.print(report.text)
        try Output.print("written  \(folder.path)")
    }
}

struct BenchScaling: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling", abstract: "Time the product at growing sizes, beside the straight line.",
        discussion: """
            Examples:
              alt bench scaling
              alt bench scaling --quick

            Training steps against batch and workers, the U-Net against its width, lookups against rows (those that fit into half
            of the memory), loading against demonstrations. Writes scaling.csv, machine.csv and plots/.
            """)

    @Option(help: "Timed runs of a point; 7, or 3 with --quick. Short ones get more, long ones fewer.") var runs: Int?
    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let runs { try BenchOptions.runsRule.check(runs, "--runs") }
    }

    func run() throws {
        let folder = try BenchmarkFolder(results: options.results)
        try options.writeMachine(to: folder)
        let report = try BenchmarkFolder.withTemporaryFolder { temporary in
            try Scaling(
                sizes: options.quick ? .quick : ScalingSizes(), context: try options.context(temporaryFolder: temporary),
                effort: Timing.Effort(runs: runs ?? (options.quick ? 3 : 7), seconds: 10)
            ).run { try folder.write($0.table, "scaling.csv") }
        }
        try report.draw(in: try folder.plots())
        try Output.print(report.text, terminator: "")
        try Output.print("written  \(folder.path)")
    }
}
