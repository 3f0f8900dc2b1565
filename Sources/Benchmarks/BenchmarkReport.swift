import Basics
import Foundation
import Runs
import Store

/// The results of a benchmark so far, as `bench.csv` and as a table for people.
public struct BenchmarkReport {
    var results: [BenchmarkResult] = []
    var limits: MachineLimits

    /// `bench.csv`: `ms` is the median over `runs`; `gflop` (the textbook's), `executed_gflop` and `gigabytes` are those of one run;
    /// `limit_value` is in GFLOP/s for multiply_add and in GB/s for bandwidth and inflate; `share_of_limit` is what is executed, or
    /// read; `peak_mib` is the largest resident size of a fresh process.
    public var table: Table {
        var table = Table(columns: [
            "row", "ms", "ms_min", "gflop", "gflops", "executed_gflop", "gigabytes", "limit", "limit_value", "share_of_limit",
            "peak_mib", "workers", "runs", "note",
        ])
        for result in results {
            table.append([
                .text(result.row), Table.Cell(result.timing?.median), Table.Cell(result.timing?.minimum),
                Table.Cell(result.flops > 0 ? Double(result.flops) / 1e9 : nil), Table.Cell(result.gigaflops),
                Table.Cell(result.executedFlops > 0 ? Double(result.executedFlops) / 1e9 : nil),
                Table.Cell(result.bytes > 0 ? Double(result.bytes) / 1e9 : nil),
                result.timing == nil ? .missing : .text(result.limit.name(workers: limits.workers)),
                Table.Cell(result.timing == nil ? nil : limits.values[result.limit]), Table.Cell(result.share(of: limits)),
                Table.Cell(result.memory?.peak), .integer(result.workers),
                result.timing.map { .integer($0.milliseconds.count) } ?? .missing, .text(result.note),
            ])
        }
        return table
    }

    /// `breakdown.csv`, per run: `ms` adds up the threads that ran the operation side by side (a team that shares one counts
    /// once), so that a row's operations may add up to more than its phase `wall`, the time of a run with its operations timed;
    /// `share` is that of all operations' time.
    public var breakdown: Table {
        var table = Table(columns: ["row", "operation", "phase", "calls", "ms", "gflop", "gflops", "executed_gflops", "share"])
        for result in results {
            guard let breakdown = result.breakdown else { continue }
            table.append([.text(result.row), "all", "wall", .missing, .number(breakdown.wallMilliseconds), .missing, .missing, .missing, .missing])
            for entry in breakdown.entries {
                table.append([
                    .text(result.row), .text(entry.operation), .text(entry.phase), .integer(entry.calls), .number(entry.milliseconds),
                    .number(entry.gigaflop), .number(1e3 * entry.gigaflop / entry.milliseconds),
                    .number(1e3 * entry.executedGigaflop / entry.milliseconds), .number(entry.share),
                ])
            }
        }
        return table
    }

    /// The table on the terminal.
    public var text: String {
        func number(_ value: Double?, _ unit: String = "") -> String { value.map { SignificantDigits.shortened($0, digits: 3) + unit } ?? "-" }
        let lines = results.map { result in
            [
                result.row, number(result.timing?.median), number(result.timing?.minimum), number(result.gigaflops),
                result.timing == nil ? "-" : result.limit.name(workers: limits.workers),
                number(result.timing == nil ? nil : limits.values[result.limit]),
                number(result.share(of: limits).map { 100 * $0 }, " %"), number(result.memory?.peak, " MiB"), result.note,
            ]
        }
        return TextColumns.align([["row", "ms", "min", "GFLOP/s", "limit", "limit value", "share", "peak", "note"]] + lines)
    }

    /// `machine.csv`: what the numbers depend on.
    public static func machine(_ yardstick: Yardstick, _ program: ProgramIdentity) throws -> Table {
        var table = Table(columns: ["key", "value"])
        for line in try SystemInformation.current(program).lines { table.append([.text(line[0]), .text(line[1])]) }
        table.append(["workers", .integer(yardstick.workers)])
        table.append(["openblas_core", .text(yardstick.openBlasCore)])
        for (key, value) in yardstick.lines { table.append([.text(key), .number(value)]) }
        return table
    }
}

/// What was measured for one row.
struct BenchmarkResult {
    let row: String
    /// Nil for a row of memory alone.
    let timing: Timing?
    let memory: PeakMemory?
    /// Of one run.
    let flops: Int
    let executedFlops: Int
    let bytes: Int
    let limit: MachineLimit
    let workers: Int
    let note: String
    let breakdown: OperationBreakdown?

    /// 10^9 floating-point operations a second at the median.
    var gigaflops: Double? { timing.flatMap { flops > 0 ? Double(flops) / $0.median / 1e6 : nil } }

    /// The part of the limit that the median reaches.
    func share(of limits: MachineLimits) -> Double? {
        guard let timing, let value = limits.values[limit] else { return nil }
        switch limit {
        case .multiplyAdd, .multiplyAddOneCore:
            return executedFlops > 0 ? Double(executedFlops) / timing.median / 1e6 / value : nil
        case .bandwidth, .inflate: return Double(bytes) / timing.median / 1e6 / value
        }
    }
}

/// Where a benchmark's tables go, `<results>/bench`. They are replaced by the next one.
public struct BenchmarkFolder: Sendable {
    public let path: String

    /// - Throws: `Failure` (`cannotCreate`) when it cannot be made.
    public init(results: String) throws {
        path = results + "/bench"
        try FileSystem.makeFolder(path)
    }

    /// Its folder of plots, made when it does not exist.
    public func plots() throws -> String {
        try FileSystem.makeFolder(path + "/plots")
        return path + "/plots"
    }

    public func write(_ table: Table, _ name: String) throws { try AtomicFile.write(table.csv, to: "\(path)/\(name)") }

    /// Runs `body` with a fresh folder for files that are only needed meanwhile.
    public static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alt-bench-\(UUID().uuidString)").path
        try FileSystem.makeFolder(folder)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch {
                FileHandle.standardError.write(Data("warning: cannot remove \(folder): \(error.localizedDescription)\n".utf8))
            }
        }
        return try body(folder)
    }
}
