import Basics
import Runs
import Synchronization

/// Work on the small networks of low-dim policies, as many pieces at a time as there are workers, each on one thread. Two threads
/// on one such network wait for each other a third of the time in training and half of it in sampling; the bits are the same
/// either way.
struct SideBySide {
    let study: Study
    let run: RunContext

    /// - Parameters:
    ///   - label: of the one meter that all pieces move.
    ///   - total: of the meters that the pieces start.
    ///   - body: does a piece, with the context and the threads given.
    /// - Throws: the first failure; what was under way beside it has been finished or, after a stop, saved.
    func work<Piece>(_ label: String, _ pieces: [Piece], total: Int, _ body: (Piece, RunContext, WorkerPool) throws -> Void) throws {
        guard !pieces.isEmpty else { return }
        let pool = WorkerPool(workers: min(study.settings.workers, pieces.count))
        // Every piece is done by one lane, and the lanes end before the call does.
        nonisolated(unsafe) let pieces = pieces, body = body
        let failures = run.progress.joint(label, total: total) { progress in
            let own = run.reporting(progress), hasFailed = Mutex(false)
            return pool.map(count: pieces.count) { place -> (any Error)? in
                guard !hasFailed.withLock({ $0 }) else { return nil }
                do {
                    try run.interruption.check()
                    try body(pieces[place], own, WorkerPool(workers: 1))
                    return nil
                } catch {
                    hasFailed.withLock { $0 = true }
                    return error
                }
            }
        }
        if let failure = failures.compactMap({ $0 }).first { throw failure }
    }
}
