import Basics
import Foundation

/// The largest resident size of a fresh process that prepares a row and runs it three times.
public struct PeakMemory: Sendable, Equatable {
    /// MiB when the program had started, before the row.
    public let before: Double
    /// MiB at most.
    public let peak: Double

    /// Runs this program as a child with the hidden verb `bench memory`.
    /// - Parameter file: the file to load, for the row that loads one.
    static func ofChild(row: String, _ context: BenchmarkContext, file: String?) throws -> PeakMemory {
        let report = "\(context.temporaryFolder)/memory-\(row).txt"
        var arguments = ["bench", "memory", row, "--report", report, "--workers", "\(context.workers)"]
        if let file { arguments += ["--file", file] }
        if context.sizes == .tiny { arguments.append("--tiny") }
        let status = try SelfExecution.run(
            arguments, program: context.program, crashed: "measuring memory ended by a signal", at: row)
        let numbers = try status == 0 ? String(contentsOfFile: report, encoding: .utf8).split(separator: " ").compactMap { Double($0) } : []
        guard numbers.count == 2 else {
            throw Failure(
                .defect, "the process that measures memory failed", at: row, expected: "exit status 0 and two numbers",
                found: "exit status \(status)", remedy: "run `alt \(arguments.joined(separator: " "))` to see why")
        }
        return PeakMemory(before: numbers[0], peak: numbers[1])
    }

    /// What the child does.
    public static func report(row name: String, _ context: BenchmarkContext, to path: String) throws {
        let row = try BenchmarkRows.named([name], context.sizes)[0]
        let before = try highWaterMark()
        let subject = try row.prepare(context)
        for _ in 0..<3 { try subject.run() }
        try AtomicFile.write("\(before) \(try highWaterMark())", to: path)
    }

    /// Largest resident size of this process so far, MiB. From /proc and not `getrusage`, whose number survives `exec`
    /// and may be the parent's.
    private static func highWaterMark() throws -> Double {
        let status: String
        do { status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8) } catch {
            throw Failure(.inputOutput, "the system does not say how much memory is used", at: "/proc/self/status", found: error.localizedDescription)
        }
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { throw Failure(.inputOutput, "the system does not say how much memory is used", at: "/proc/self/status", expected: "a line VmHWM") }
        return kilobytes / 1024
    }
}
