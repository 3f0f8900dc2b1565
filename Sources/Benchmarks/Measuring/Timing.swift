import Basics
import Compute
import Dispatch

/// Wall time of repeated runs.
public struct Timing: Sendable, Equatable {
    /// One entry per run.
    public let milliseconds: [Double]

    public init(milliseconds: [Double]) {
        precondition(!milliseconds.isEmpty, "a timing of no runs")
        self.milliseconds = milliseconds
    }

    public var median: Double { Self.median(milliseconds) }
    public var minimum: Double { milliseconds.reduce(.infinity, min) }

    /// The middle value, or the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted(), middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// How often something is run.
    public struct Effort: Sendable, Equatable {
        /// Wanted runs; short ones are repeated for half a second, up to a hundred times as often.
        public var runs: Int
        /// After so many seconds three runs are enough.
        public var seconds: Double

        public init(runs: Int, seconds: Double = 20) {
            self.runs = runs
            self.seconds = seconds
        }
    }

    /// Runs `body` untimed first, twice unless it takes long.
    static func measure(_ effort: Effort, _ body: () throws -> Void) rethrows -> Timing {
        if try once(body) < 1000 { _ = try once(body) }
        var times: [Double] = [], total = 0.0
        while times.count < effort.runs || (total < 500 && times.count < 100 * effort.runs) {
            if total > effort.seconds * 1000, times.count >= 3 { break }
            let time = try once(body)
            times.append(time)
            total += time
        }
        return Timing(milliseconds: times)
    }

    /// Milliseconds of the fastest of so many runs.
    static func best(of tries: Int, _ body: () throws -> Void) rethrows -> Double {
        try (0..<tries).reduce(.infinity) { best, _ in min(best, try once(body)) }
    }

    /// Milliseconds of one run.
    static func once(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }
}

/// Work that a row of the benchmark measures, with its memory made.
protocol Measurable: AnyObject {
    /// Floating-point operations of one run as the textbook counts them; 0 where they are not what matters.
    var flops: Int { get }
    /// Those that are carried out, as of Winograd's products.
    var executedFlops: Int { get }
    /// Bytes one run must read at least, or decode; 0 where they are not what matters.
    var bytes: Int { get }
    /// What bounds the row from below on any implementation.
    var limit: MachineLimit { get }
    /// What a reader of the row should know.
    var note: String { get }
    /// - Throws: `Failure` (`defect`) when the results are wrong. Nothing is timed then.
    func check() throws
    func run() throws
    /// The same work with the times of its operations added to `profile`; nil where they cannot be told apart.
    func profiled(_ profile: OperationProfile) -> (() throws -> Void)?
}

extension Measurable {
    var bytes: Int { 0 }
    var executedFlops: Int { flops }
    func profiled(_ profile: OperationProfile) -> (() throws -> Void)? { nil }
}

/// Checks that stand before every measurement: a fast wrong answer is no result.
enum ResultCheck {
    /// - Throws: `Failure` (`defect`) unless `condition` holds.
    static func require(_ condition: Bool, _ what: String, row: String, expected: String, found: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw Failure(
            .defect, "the benchmark's check failed: \(what)", at: row, expected: expected, found: found(),
            remedy: "report this defect with the output of `alt info`; nothing was timed")
    }

    /// Finite numbers, and the same bits for another number of workers.
    static func sameBits(_ values: [Float], _ others: [Float], workers: (Int, Int), row: String) throws {
        let bad = values.firstIndex { !$0.isFinite }
        try require(bad == nil, "a result is not finite", row: row, expected: "finite numbers", found: "\(values[bad ?? 0]) at \(bad ?? 0)")
        let different = values.count == others.count ? values.indices.first { values[$0].bitPattern != others[$0].bitPattern } : 0
        try require(
            different == nil, "the result depends on the number of workers", row: row,
            expected: "equal bits with \(workers.0) and \(workers.1) workers",
            found: "\(values[different ?? 0]) and \(others.isEmpty ? .nan : others[different ?? 0]) at \(different ?? 0)")
    }

    /// Every product of a plan agrees with its plain reference to float32 rounding.
    static func products(of plan: Plan, row: String) throws {
        let tolerance: Float = 1e-5
        for result in ProductCheck.results(of: plan, seed: BenchmarkContext.seed / "products") {
            try require(
                result.error <= tolerance, "a kernel differs from its plain reference", row: row,
                expected: "\(result.kernel) within \(tolerance) of its definition", found: "\(result.error)")
        }
    }

    /// A number of workers to compare `workers` with.
    static func otherWorkers(than workers: Int) -> Int { workers == 1 ? 2 : 1 }
}
