import Foundation

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
        Matrix.useOneThread()
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
        withoutActuallyEscaping(body) { body in
            crew.run { worker in
                for lane in stride(from: worker, to: lanes, by: count) where worker < count { body(lane, worker) }
            }
        }
    }

    /// Calls `body` once on every worker, as members of one team. Not to be called from inside a lane.
    public func runTeam(_ body: @Sendable (TeamMember) -> Void) {
        if workers == 1 { return body(.alone) }
        let barrier = Barrier(), count = workers
        withoutActuallyEscaping(body) { body in
            crew.run { body(TeamMember(index: $0, count: count, barrier: barrier)) }
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
private final class Crew: @unchecked Sendable {
    private let helpers: Int
    private let turn = NSLock()
    private let condition = NSCondition()
    private var job: (@Sendable (Int) -> Void)?
    private var jobNumber = 0
    private var working = 0
    private var isDismissed = false

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
        jobNumber += 1
        working = helpers
        condition.broadcast()
        condition.unlock()
        job(0)
        condition.lock()
        while working > 0 { condition.wait() }
        self.job = nil
        condition.unlock()
    }

    func dismiss() {
        condition.lock()
        isDismissed = true
        condition.broadcast()
        condition.unlock()
    }

    private func serve(worker: Int) {
        var done = 0
        condition.lock()
        while true {
            while jobNumber == done && !isDismissed { condition.wait() }
            if isDismissed { break }
            done = jobNumber
            let job = job
            condition.unlock()
            job?(worker)
            condition.lock()
            working -= 1
            if working == 0 { condition.broadcast() }
        }
        condition.unlock()
    }
}
