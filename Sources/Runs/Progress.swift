import Dispatch
import Synchronization

/// Starts progress meters on a console.
public struct ProgressReporter: Sendable {
    let console: Console
    /// Seconds, monotonic.
    let now: @Sendable () -> Double
    /// What the meters that are started move, in place of lines and bars of their own.
    private var joint: JointProgress?
    /// Told every few seconds how far a meter is.
    private let watch: Watch?

    typealias Watch = @Sendable (_ label: String, _ done: Int, _ total: Int) -> Void

    public init(
        _ console: Console, now: @escaping @Sendable () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
    ) {
        self.init(console, now: now, watch: nil)
    }

    init(
        _ console: Console, now: @escaping @Sendable () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }, watch: Watch?
    ) {
        self.console = console
        self.now = now
        self.watch = watch
    }

    /// - Parameters:
    ///   - label: what is being done, for instance the stage's name.
    ///   - total: count at which it is finished.
    ///   - from: count at which it starts, above 0 when a stage is resumed.
    public func start(_ label: String, total: Int, from: Int = 0) -> ProgressMeter {
        ProgressMeter(self, label: label, total: total, from: from, joint: joint, watch: joint == nil ? watch : nil)
    }

    /// One meter for pieces of work done side by side, each of which starts a meter of its own from the reporter given.
    /// - Parameter total: of all of them together.
    public func joint<Result>(_ label: String, total: Int, _ body: (ProgressReporter) throws -> Result) rethrows -> Result {
        let joint = JointProgress(start(label, total: total))
        defer { joint.meter.finish() }
        var reporter = self
        reporter.joint = joint
        return try body(reporter)
    }
}

/// How far pieces of work have come that are done side by side.
private final class JointProgress: Sendable {
    let meter: ProgressMeter
    private struct Piece {
        /// Count at which this process took it up.
        var first: Int
        var done: Int
    }

    private let pieces = Mutex<[String: Piece]>([:])

    init(_ meter: ProgressMeter) { self.meter = meter }

    func update(_ label: String, _ done: Int, from first: Int, _ detail: () -> String) {
        let sum = pieces.withLock { pieces in
            pieces[label] = Piece(first: first, done: done)
            return pieces.values.reduce(into: Piece(first: 0, done: 0)) { ($0.first, $0.done) = ($0.first + $1.first, $0.done + $1.done) }
        }
        meter.update(sum.done, from: sum.first, "\(label)  \(detail())")
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
    private let joint: JointProgress?
    private let watch: ProgressReporter.Watch?
    /// When it is told next.
    private let nextWatch: Mutex<Double>
    /// Seconds between two times that it is told.
    private static let watchEvery = 2.0

    fileprivate init(
        _ reporter: ProgressReporter, label: String, total: Int, from: Int, joint: JointProgress?, watch: ProgressReporter.Watch?
    ) {
        precondition(total >= 0 && from >= 0, "progress from \(from) of \(total)")
        self.reporter = reporter
        self.label = label
        self.total = total
        first = from
        start = reporter.now()
        next = Mutex(start + (reporter.console.isTerminal ? 0.1 : 2))
        self.joint = joint
        self.watch = watch
        nextWatch = Mutex(start + Self.watchEvery)
    }

    /// Cheap enough for every step.
    /// - Parameter detail: a few words such as "loss 0.041".
    public func update(_ done: Int, detail: @autoclosure () -> String = "") {
        if let joint { return joint.update(label, done, from: first, detail) }
        update(done, from: first, detail())
    }

    fileprivate func update(_ done: Int, from first: Int, _ detail: @autoclosure () -> String) {
        let console = reporter.console
        let time = reporter.now()
        tell(done, time)
        guard !console.isQuiet else { return }
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

    private func tell(_ done: Int, _ time: Double) {
        guard let watch else { return }
        let isDue = nextWatch.withLock { next in
            guard time >= next else { return false }
            next = time + Self.watchEvery
            return true
        }
        if isDue { watch(label, done, total) }
    }

    /// Removes the bar.
    public func finish() {
        if joint == nil && reporter.console.isTerminal && !reporter.console.isQuiet { reporter.console.draw(bar: "") }
    }
}

/// How progress reads, apart from where and when it is shown.
public struct ProgressText {
    var label: String
    var done: Int
    var total: Int
    /// Count at which this process started.
    var first: Int
    /// Since this process started.
    var seconds: Double
    var detail: String

    private var share: Double { total == 0 ? 1 : min(1, Double(done) / Double(total)) }

    /// Seconds left at the mean rate of this process; nil before the first step.
    var remaining: Double? {
        guard done > first, seconds > 0, total > 0 else { return nil }
        return seconds / Double(done - first) * Double(max(0, total - done))
    }

    private var numbers: String {
        // Where nobody knows how much there is, the count alone says something.
        var parts = total == 0 ? ["\(done)"] : ["\(done)/\(total)", "\(Int(share * 100)) %"]
        if let remaining { parts.append("ETA \(Self.duration(remaining))") }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: "  ")
    }

    var line: String { "\(label): \(numbers)" }

    /// A bar that fits into `width` characters; the bar itself gives way first.
    func bar(width: Int) -> String {
        let cells = min(30, width - label.count - numbers.count - 6)
        guard cells >= 5, total > 0 else { return String(line.prefix(max(0, width - 1))) }
        let filled = Int(share * Double(cells))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
        return "\(label) [\(bar)] \(numbers)"
    }

    /// "8 s", "3 min 12 s", "2 h 5 min".
    public static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
