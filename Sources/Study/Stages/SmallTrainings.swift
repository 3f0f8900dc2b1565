import Basics
import Policies
import Runs
import Store
import Synchronization

/// Trainings of the small networks on low-dim observations, as many at a time as there are workers, each on one thread. Two
/// threads on one step of such a network wait for each other a third of the time; the bits are the same either way.
struct SmallTrainings {
    let study: Study
    let run: RunContext

    /// Trains what is missing of them; the study keeps what it obtained.
    /// - Throws: the first failure; what was under way beside it has been finished or, after a stop, saved.
    func obtain(_ trainings: [PolicyTraining]) throws {
        let missing = try trainings.filter { training in
            let data = try study.data(run, view: training.view, part: training.part)
            return try training.view == .state && !run.store.has(training.identity(study.settings, data))
        }
        guard !missing.isEmpty else { return }
        // The longest first, so that no worker is left with it alone.
        let ordered = missing.sorted { $0.steps > $1.steps }
        let pool = WorkerPool(workers: min(study.settings.workers, ordered.count))
        let results = run.progress.joint("training \(ordered.count) low-dim policies", total: ordered.reduce(0) { $0 + $1.steps }) { progress in
            let own = run.reporting(progress), hasFailed = Mutex(false)
            return pool.map(count: ordered.count) { place -> Result<StoreEntry, any Error>? in
                guard !hasFailed.withLock({ $0 }) else { return nil }
                let result = Result { try study.trained(ordered[place], own, on: WorkerPool(workers: 1)) }
                if case .failure = result { hasFailed.withLock { $0 = true } }
                return result
            }
        }
        for case .failure(let failure)? in results { throw failure }
    }
}
