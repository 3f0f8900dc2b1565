import Dispatch

/// Runs lanes of work on a number of threads. Work is cut into lanes whose number does not depend on the number of
/// workers, and every lane has its own output, so that results are bit-identical for any number of workers.
public struct WorkerPool: Sendable {
    public let workers: Int

    public init(workers: Int) {
        precondition(workers > 0, "workers must be positive: \(workers)")
        self.workers = workers
        Matrix.useOneThread()
    }

    /// Calls `body(lane, worker)` for every lane; lanes of one worker run one after another, so that `worker`
    /// can name memory to reuse.
    public func run(lanes: Int, _ body: @Sendable (_ lane: Int, _ worker: Int) -> Void) {
        let count = min(workers, lanes)
        if count <= 1 {
            for lane in 0..<lanes { body(lane, 0) }
            return
        }
        DispatchQueue.concurrentPerform(iterations: count) { worker in
            for lane in stride(from: worker, to: lanes, by: count) { body(lane, worker) }
        }
    }

    /// Splits 0 ..< count into ranges of at most `grain` and runs them as lanes.
    public func run(count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
        run(lanes: (count + grain - 1) / grain) { lane, _ in
            body(lane * grain..<min(count, (lane + 1) * grain))
        }
    }
}
