import Foundation
import Synchronization

/// One of the threads that run a plan together: which share of every step is its, and where it waits for the others.
public struct TeamMember: Sendable {
    public let index: Int
    public let count: Int
    private let barrier: Barrier?

    public init(index: Int, count: Int, barrier: Barrier?) {
        (self.index, self.count, self.barrier) = (index, count, barrier)
    }

    /// A thread that runs every step whole.
    public static let alone = TeamMember(index: 0, count: 1, barrier: nil)

    /// This member's part of 0 ..< total, in whole multiples of `grain`.
    public func share(of total: Int, grain: Int = 1) -> Range<Int> {
        if count == 1 { return 0..<total }
        let grains = (total + grain - 1) / grain
        return min(total, grains * index / count * grain)..<min(total, grains * (index + 1) / count * grain)
    }

    /// Whether this member does what is not shared out.
    public var isFirst: Bool { index == 0 }

    /// Returns when every member has called it.
    public func synchronize() { barrier?.wait(members: count) }
}

/// A spinning barrier: steps of a plan are far shorter than putting a thread to sleep and waking it takes.
public final class Barrier: Sendable {
    private let arrived = Atomic<Int>(0)
    private let round = Atomic<Int>(0)
    /// About 50 microseconds; a member that waits longer has lost its core to another program and gives up its own.
    private static let patience = 2_000

    public init() {}

    public func wait(members: Int) {
        let current = round.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == members {
            arrived.store(0, ordering: .relaxed)
            round.store(current + 1, ordering: .releasing)
            return
        }
        var spins = 0
        while round.load(ordering: .acquiring) == current {
            spins += 1
            if spins > Self.patience { sched_yield() }
        }
    }
}
