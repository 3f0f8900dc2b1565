import Foundation
import Synchronization

/// Runs lanes of work on a fixed crew of threads. Work is cut into lanes whose number does not depend on the number of
/// workers, and every lane has its own output, so that results are bit-identical for any number of workers.
///
/// The threads are our own and stay: a shared dispatch queue hands its threads out by load, and on a busy machine ran
/// both halves of a batch one after the other on one thread.
public final class WorkerPool: Sendable {
    public let workers: Int
    private let crew: Crew

    public init(workers: Int) {
        precondition(workers > 0, "workers must be positive: \(workers)")
        self.workers = workers
        crew = Crew(helpers: workers - 1)
    }

    deinit { crew.dismiss() }

    /// Calls `body(lane, worker)` for every lane; lanes of one worker run one after another, so that `worker`
    /// can name memory to reuse. Not to be called from inside a lane.
    public func run(lanes: Int, _ body: @Sendable (_ lane: Int, _ worker: Int) -> Void) {
        let count = min(workers, lanes)
        if count <= 1 {
            for lane in 0..<lanes { body(lane, 0) }
            return
        }
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(body) { body in
            withExtendedLifetime(next) {
                crew.run { worker in
                    while worker < count {
                        let lane = next.add(1, ordering: .relaxed).oldValue
                        if lane >= lanes { return }
                        body(lane, worker)
                    }
                }
            }
        }
    }

    /// Calls `body` once on every worker, as threads of one team. Not to be called from inside a lane.
    public func runTeam(_ body: @Sendable (TeamThread) -> Void) {
        if workers == 1 { return body(.alone) }
        let team = Team(threads: workers, partsOfThread: Self.partsOfWorker)
        withoutActuallyEscaping(body) { body in
            crew.run { body(TeamThread(index: $0, team: team)) }
        }
    }

    /// Parts of a team's phase for each of its threads: with more, one that is slowed down takes fewer of them, but cutting costs.
    private static let partsOfWorker = 2

    /// The results of `transform` for 0 ..< count, in order. Each depends on its index alone, so that the result is the same
    /// for any number of workers. Not to be called from inside a lane.
    public func map<Element: Sendable>(count: Int, _ transform: @Sendable (Int) -> Element) -> [Element] {
        guard workers > 1, count > 1 else { return (0..<count).map(transform) }
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Every slot is written by exactly one lane, and `run` returns after all of them.
            nonisolated(unsafe) let slots = buffer
            run(lanes: count) { lane, _ in slots.initializeElement(at: lane, to: transform(lane)) }
            initialized = count
        }
    }

    /// Splits 0 ..< count into ranges of at most `grain` and runs them as lanes.
    public func run(count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
        run(lanes: (count + grain - 1) / grain) { lane, _ in
            body(lane * grain..<min(count, (lane + 1) * grain))
        }
    }
}

/// Threads that wait for a job, do their part of it, and wait again. The caller is worker 0.
///
/// Waiting begins with looking: putting a thread to sleep and waking it takes longer than many of the jobs.
private final class Crew: @unchecked Sendable {
    private let helpers: Int
    private let turn = NSLock()
    private let condition = NSCondition()
    private var job: (@Sendable (Int) -> Void)?
    private let jobNumber = Atomic<Int>(0)
    private let working = Atomic<Int>(0)
    private let isDismissed = Atomic<Bool>(false)
    /// Looks before going to sleep, about a tenth of a millisecond.
    private static let patience = 100_000

    init(helpers: Int) {
        self.helpers = helpers
        for helper in 0..<helpers {
            let thread = Thread { [self] in serve(worker: helper + 1) }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Calls `job(worker)` once on every thread and returns when all are done.
    func run(_ job: @escaping @Sendable (Int) -> Void) {
        turn.lock()
        defer { turn.unlock() }
        condition.lock()
        self.job = job
        working.store(helpers, ordering: .relaxed)
        jobNumber.add(1, ordering: .releasing)
        condition.broadcast()
        condition.unlock()
        job(0)
        wait { working.load(ordering: .acquiring) == 0 }
        self.job = nil
    }

    func dismiss() {
        condition.lock()
        isDismissed.store(true, ordering: .releasing)
        condition.broadcast()
        condition.unlock()
    }

    private func serve(worker: Int) {
        var done = 0
        while true {
            wait { jobNumber.load(ordering: .acquiring) != done || isDismissed.load(ordering: .acquiring) }
            if isDismissed.load(ordering: .acquiring) { return }
            done = jobNumber.load(ordering: .acquiring)
            job?(worker)
            if working.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                condition.lock()
                condition.broadcast()
                condition.unlock()
            }
        }
    }

    /// Returns when `isMet`, whose change is followed by a broadcast.
    private func wait(_ isMet: () -> Bool) {
        for _ in 0..<Self.patience where isMet() { return }
        condition.lock()
        while !isMet() { condition.wait() }
        condition.unlock()
    }
}
