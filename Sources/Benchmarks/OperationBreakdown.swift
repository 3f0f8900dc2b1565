import Compute

/// Where a row's time goes, by operation, from runs of their own: timing every operation costs a little.
struct OperationBreakdown {
    /// Per run.
    struct Entry {
        let operation: String
        let phase: String
        let calls: Int
        let milliseconds: Double
        let gigaflop: Double
        let executedGigaflop: Double
        /// Of the time of all operations.
        let share: Double
    }

    let entries: [Entry]
    /// Of one run, everything included.
    let wallMilliseconds: Double

    /// Nil when the row's operations cannot be told apart.
    init?(of subject: any Measurable) throws {
        let profile = OperationProfile(), runs = 3
        guard let run = subject.profiled(profile) else { return nil }
        try run()
        profile.reset()
        wallMilliseconds = try Timing.once { for _ in 0..<runs { try run() } } / Double(runs)
        let sums = profile.entries, total = sums.reduce(0) { $0 + $1.seconds }, perRun = 1 / Double(runs)
        entries = sums.map { sum in
            Entry(
                operation: sum.operation, phase: sum.phase.rawValue, calls: sum.calls / runs,
                milliseconds: sum.seconds * 1e3 * perRun, gigaflop: Double(sum.flops) / 1e9 * perRun,
                executedGigaflop: Double(sum.executedFlops) / 1e9 * perRun,
                share: sum.seconds / total)
        }
    }
}
