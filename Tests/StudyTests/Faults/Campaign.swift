import Basics
import Foundation
import Synchronization

/// Many trials, as many at a time as there are cores; how far they are is said every half minute.
enum Campaign {
    private static let asked = ProcessInfo.processInfo.environment["ALT_FAULTS"]

    /// Whether more than a few faults are asked for, so that tables of what came of them are wanted.
    static let isLong = asked != nil

    /// Calls at which a run is killed, and again at which one fails: `ALT_FAULTS`, a number or `all`.
    static let faults = asked == "all" ? Int.max : asked.flatMap(Int.init) ?? 16

    /// Calls at which the disk fills up.
    static let fullDisks = isLong ? min(faults, 100) : 4

    /// Flipped bits per kind of file, in a run in progress and again in a finished one: `ALT_FLIPS`.
    static let flips = ProcessInfo.processInfo.environment["ALT_FLIPS"].flatMap(Int.init) ?? 1

    private struct Standing {
        var done = 0
        var wrong = 0
        var told = ContinuousClock.now
    }

    /// - Parameter isWrong: for the number in the progress line.
    /// - Returns: the outcomes, in the order of the trials.
    static func run<Trial: Sendable, Outcome: Sendable>(
        _ name: String, _ trials: [Trial], isWrong: @Sendable (Outcome) -> Bool,
        _ body: @Sendable (Trial) throws -> Outcome
    ) throws -> [Outcome] {
        let standing = Mutex(Standing()), start = ContinuousClock.now
        let outcomes = WorkerPool(workers: max(2, ProcessInfo.processInfo.activeProcessorCount)).map(count: trials.count) { index in
            let outcome = Result { try body(trials[index]) }
            let line: String? = standing.withLock { standing in
                standing.done += 1
                if case .success(let value) = outcome, isWrong(value) { standing.wrong += 1 }
                guard ContinuousClock.now - standing.told >= .seconds(30) else { return nil }
                standing.told = .now
                let seconds = (standing.told - start).components.seconds
                return "\(name): \(standing.done) of \(trials.count), \(standing.wrong) wrong, \(seconds) s"
            }
            if let line { say(line) }
            return outcome
        }
        return try outcomes.map { try $0.get() }
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// A table of counts: a row for each key of `rows`, a column for each name.
    static func table(_ title: String, columns: [String], _ rows: [(String, [Int])]) -> String {
        let cells = [[title] + columns] + rows.map { [$0] + $1.map(String.init) }
        let widths = (0...columns.count).map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
