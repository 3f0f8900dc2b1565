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

    /// Milliseconds of one run.
    static func once(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }
}
