import ArgumentParser
import Benchmarks

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
        if let runs, runs < 1 { throw ValidationError("--runs must be at least 1, found \(runs)") }
    }

    func run() throws {
        let rows = try BenchmarkRows.named(names, options.sizes)
        if list { return rows.forEach { print($0.name) } }
        let folder = try BenchmarkFolder(results: options.results)
        try folder.write(try BenchmarkReport.machine(workers: options.workers), "machine.csv")
        let report = try BenchmarkFolder.withTemporaryFolder { temporary in
            try Benchmark(
                rows: rows, context: try options.context(temporaryFolder: temporary, file: file),
                effort: Timing.Effort(runs: runs ?? (options.quick ? 3 : 15))
            ).run { report in
                try folder.write(report.table, "bench.csv")
                try folder.write(report.breakdown, "breakdown.csv")
            }
        }
        print(report.text)
        print("written  \(folder.path)")
    }
}
