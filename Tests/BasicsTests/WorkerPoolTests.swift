import Basics
import Dispatch
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 5])
    func `every lane runs once, whatever the number of workers`(workers: Int) {
        let pool = WorkerPool(workers: workers)
        for lanes in [0, 1, 2, 7, 64] {
            let counts = Mutex([Int](repeating: 0, count: lanes))
            pool.run(lanes: lanes) { lane, worker in
                #expect((0..<workers).contains(worker))
                counts.withLock { $0[lane] += 1 }
            }
            #expect(counts.withLock { $0 } == [Int](repeating: 1, count: lanes))
        }
    }

    @Test func `lanes of one worker never overlap, so that it can reuse its memory`() {
        let pool = WorkerPool(workers: 3), busy = Mutex([false, false, false])
        for _ in 0..<50 {
            pool.run(lanes: 12) { _, worker in
                #expect(busy.withLock { busy in
                    defer { busy[worker] = true }
                    return !busy[worker]
                })
                busy.withLock { $0[worker] = false }
            }
        }
    }

    @Test func `ranges cover the count without overlap`() {
        let pool = WorkerPool(workers: 2), covered = Mutex([Int](repeating: 0, count: 103))
        pool.run(count: 103, grain: 10) { range in
            covered.withLock { covered in for i in range { covered[i] += 1 } }
        }
        #expect(covered.withLock { $0 } == [Int](repeating: 1, count: 103))
    }

    @Test func `two callers at once take turns`() {
        let pool = WorkerPool(workers: 2), total = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<20 { pool.run(lanes: 8) { _, _ in total.add(1, ordering: .relaxed) } }
        }
        #expect(total.load(ordering: .relaxed) == 4 * 20 * 8)
    }
}
