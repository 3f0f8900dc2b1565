import Foundation
import Synchronization
import Testing

@testable import Basics

@Suite struct TeamTests {
    @Test(arguments: [1, 2, 3, 7]) func `a phase begins when all parts of the last are done, also with more threads than cores`(_ threads: Int) {
        let phases = 200, parts = Mutex([Int](repeating: 0, count: phases)), counts = Mutex(Set<Int>()), early = Atomic(0)
        WorkerPool(workers: threads).runTeam { thread in
            for phase in 0..<phases {
                thread.run { part in
                    counts.withLock { _ = $0.insert(part.count) }
                    if phase > 0, parts.withLock({ $0[phase - 1] }) != part.count { early.add(1, ordering: .relaxed) }
                    parts.withLock { $0[phase] += 1 }
                }
                if parts.withLock({ $0[phase] }) != counts.withLock({ $0.max() }) { early.add(1, ordering: .relaxed) }
            }
        }
        #expect(early.load(ordering: .relaxed) == 0)
        #expect(counts.withLock { $0.count } == 1)
    }

    @Test func `a thread that is slow takes fewer parts`() {
        let taken = Mutex([0, 0]), parts = Atomic(0)
        WorkerPool(workers: 2).runTeam { thread in
            for _ in 0..<20 {
                thread.run { part in
                    parts.store(part.count, ordering: .relaxed)
                    taken.withLock { $0[thread.index] += 1 }
                    Thread.sleep(forTimeInterval: thread.index == 1 ? 0.01 : 0.001)
                }
            }
        }
        let (fast, slow) = taken.withLock { ($0[0], $0[1]) }
        #expect(fast + slow == 20 * parts.load(ordering: .relaxed))
        #expect(slow < fast)
    }

    @Test func `nobody waits for a thread that has no part`() {
        let seconds = Mutex(0.0)
        WorkerPool(workers: 2).runTeam { thread in
            if thread.index == 1 { Thread.sleep(forTimeInterval: 0.3) }
            let start = Date()
            for _ in 0..<100 { thread.run { _ in } }
            if thread.index == 0 { seconds.withLock { $0 = Date().timeIntervalSince(start) } }
        }
        #expect(seconds.withLock { $0 } < 0.2)
    }

    /// A thread that looks for long keeps the core that the one it waits for may need.
    @Test func `a thread that waits long gives up its core`() {
        let wait = 0.3, busy = Mutex(0.0), isTaken = Atomic(false)
        WorkerPool(workers: 2).runTeam { thread in
            let start = Self.processorSeconds
            thread.run { _ in
                // Whoever comes first is long at its part; the other does the rest and waits for it.
                if !isTaken.exchange(true, ordering: .relaxed) { Thread.sleep(forTimeInterval: wait) }
            }
            busy.withLock { $0 = max($0, Self.processorSeconds - start) }
        }
        #expect(busy.withLock { $0 } < wait / 3)
    }

    @Test func `ranges are consecutive, cover everything once and break at whole grains`() {
        for parts in 1...5 {
            for total in [0, 1, 15, 16, 17, 100, 402] {
                for grain in [1, 8, 16] {
                    let ranges = (0..<parts).map { WorkPart(index: $0, count: parts).range(of: total, grain: grain) }
                    #expect(ranges.flatMap { Array($0) } == Array(0..<total), "\(total) by \(grain) in \(parts)")
                    #expect(ranges.dropLast().allSatisfy { $0.upperBound == total || $0.upperBound % grain == 0 })
                    let sizes = ranges.map(\.count)
                    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 2 * grain)
                }
            }
        }
    }

    /// Of the calling thread.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
