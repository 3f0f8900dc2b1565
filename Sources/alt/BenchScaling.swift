import ArgumentParser
import Benchmarks

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
        if let runs, runs < 1 { throw ValidationError("--runs must be at least 1, found \(runs)") }
    }

    func run() throws {
        let folder = try BenchmarkFolder(results: options.results)
        try folder.write(try BenchmarkReport.machine(workers: options.workers), "machine.csv")
        let report = try BenchmarkFolder.withTemporaryFolder { temporary in
            try Scaling(
                sizes: options.quick ? .quick : ScalingSizes(), context: try options.context(temporaryFolder: temporary),
                effort: Timing.Effort(runs: runs ?? (options.quick ? 3 : 7), seconds: 10)
            ).run { try folder.write($0.table, "scaling.csv") }
        }
        try report.draw(in: try folder.plots())
        print(report.text, terminator: "")
        print("written  \(folder.path)")
    }
}
