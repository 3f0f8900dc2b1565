import Dispatch
import Synchronization

/// Starts progress meters on a console.
public struct ProgressReporter: Sendable {
    let console: Console
    /// Seconds, monotonic.
    let now: @Sendable () -> Double

    public init(
        _ console: Console, now: @escaping @Sendable () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
    ) {
        self.console = console
        self.now = now
    }

    /// - Parameters:
    ///   - label: what is being done, for instance the stage's name.
    ///   - total: count at which it is finished.
    ///   - from: count at which it starts, above 0 when a stage is resumed.
    public func start(_ label: String, total: Int, from: Int = 0) -> ProgressMeter {
        ProgressMeter(self, label: label, total: total, from: from)
    }
}

/// One piece of work under way. On a terminal a bar, redrawn at most ten times a second; else a plain line after
/// 2 seconds and then every 30.
public final class ProgressMeter: Sendable {
    private let reporter: ProgressReporter
    private let label: String
    private let total: Int
    private let first: Int
    private let start: Double
    private let next: Mutex<Double>

    init(_ reporter: ProgressReporter, label: String, total: Int, from: Int) {
        precondition(total >= 0 && from >= 0, "progress from \(from) of \(total)")
        self.reporter = reporter
        self.label = label
        self.total = total
        first = from
        start = reporter.now()
        next = Mutex(start + (reporter.console.isTerminal ? 0.1 : 2))
    }

    /// Cheap enough for every step.
    /// - Parameter detail: a few words such as "loss 0.041".
    public func update(_ done: Int, detail: @autoclosure () -> String = "") {
        let console = reporter.console
        guard !console.isQuiet else { return }
        let time = reporter.now()
        let isDue = next.withLock { next in
            guard time >= next else { return false }
            next = time + (console.isTerminal ? 0.1 : 30)
            return true
        }
        guard isDue else { return }
        let state = ProgressText(
            label: label, done: done, total: total, first: first, seconds: time - start, detail: detail())
        if console.isTerminal {
            console.draw(bar: state.bar(width: console.width))
        } else {
            console.line(state.line)
        }
    }

    /// Removes the bar.
    public func finish() {
        if reporter.console.isTerminal && !reporter.console.isQuiet { reporter.console.draw(bar: "") }
    }
}
