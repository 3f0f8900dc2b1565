import Foundation
import Synchronization

/// One of the equal parts that a phase of work is cut into.
public struct WorkPart: Sendable {
    public let index: Int
    public let count: Int

    public init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

    /// All of it.
    public static let whole = WorkPart(index: 0, count: 1)

    /// This part of 0 ..< total, in whole multiples of `grain`.
    public func range(of total: Int, grain: Int = 1) -> Range<Int> {
        if count == 1 { return 0..<total }
        let grains = (total + grain - 1) / grain
        return min(total, grains * index / count * grain)..<min(total, grains * (index + 1) / count * grain)
    }

    /// Whether to do what is not cut.
    public var isFirst: Bool { index == 0 }
}

/// Threads that do phases of work one after another together. Each has its own parts of every phase, whose numbers are likely to be in
/// its cache from the phase before, and takes those of others when it has done its own; the next phase begins when all parts of the
/// last are done.
///
/// A thread that has lost its core to another program holds up the others by one part at most, and not at all between parts.
/// Waiting begins with looking, since a phase is far shorter than putting a thread to sleep and waking it takes; then the core is
/// given up, for the thread that is waited for may need it.
public final class Team: Sendable {
    private let threads: Int
    /// Parts of a phase that are each thread's own.
    private let partsOfThread: Int
    /// By thread: those of its parts that were taken since the first phase.
    private let taken: [Counter]
    /// Parts done since the first phase.
    private let done = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let condition = NSCondition()
    /// Looks before going to sleep, about 50 microseconds.
    private static let patience = 2_000

    private final class Counter: Sendable { let value = Atomic<Int>(0) }

    init(threads: Int, partsOfThread: Int) {
        self.threads = threads
        self.partsOfThread = partsOfThread
        taken = (0..<threads).map { _ in Counter() }
    }

    /// Does parts of a phase as thread `index`, and returns when all of them are done.
    /// - Parameter phase: from 0 on
    fileprivate func run(phase: Int, as index: Int, _ body: (WorkPart) -> Void) {
        let parts = threads * partsOfThread, end = (phase + 1) * parts
        for offset in 0..<threads {
            let owner = (index + offset) % threads
            while let part = take(of: owner, phase: phase) {
                body(WorkPart(index: owner * partsOfThread + part, count: parts))
                // In one order with a sleeper's announcement and its look at what is done: one of the two sees the other.
                guard done.add(1, ordering: .sequentiallyConsistent).newValue == end,
                    sleepers.load(ordering: .sequentiallyConsistent) > 0
                else { continue }
                condition.lock()
                condition.broadcast()
                condition.unlock()
            }
        }
        wait { done.load(ordering: .sequentiallyConsistent) >= end }
    }

    /// The next of a thread's parts of a phase that nobody has taken.
    private func take(of owner: Int, phase: Int) -> Int? {
        let counter = taken[owner], first = phase * partsOfThread
        var next = counter.value.load(ordering: .relaxed)
        while next < first + partsOfThread {
            let (exchanged, found) = counter.value.weakCompareExchange(expected: next, desired: next + 1, ordering: .relaxed)
            if exchanged { return next - first }
            next = found
        }
        return nil
    }

    private func wait(_ isMet: () -> Bool) {
        for _ in 0..<Self.patience where isMet() { return }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        condition.lock()
        while !isMet() { condition.wait() }
        condition.unlock()
        sleepers.subtract(1, ordering: .relaxed)
    }
}

/// A thread's way through the phases of its team; all its threads go through the same ones.
public final class TeamThread {
    /// Names memory that is this thread's own.
    public let index: Int
    private let team: Team?
    private var phase = 0

    /// - Parameter team: nil for a thread that does every phase whole
    init(index: Int, team: Team?) { (self.index, self.team) = (index, team) }

    /// A thread that does every phase whole.
    public static var alone: TeamThread { TeamThread(index: 0, team: nil) }

    /// Calls `body` for parts of the next phase, and returns when all its parts are done, by whichever thread.
    public func run(_ body: (WorkPart) -> Void) {
        guard let team else { return body(.whole) }
        team.run(phase: phase, as: index, body)
        phase += 1
    }

    /// A phase that one thread does whole.
    public func runOnce(_ body: () -> Void) { run { if $0.isFirst { body() } } }
}
