import Basics
import Policies
import Runs
import Store

/// Trainings of the small networks on low-dim observations, side by side.
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
        // The longest first, so that no worker is left with it alone.
        let ordered = missing.sorted { $0.steps > $1.steps }
        try SideBySide(study: study, run: run).work(
            "training \(ordered.count) low-dim policies", ordered, total: ordered.reduce(0) { $0 + $1.steps }
        ) { training, run, pool in
            _ = try study.trained(training, run, on: pool)
        }
    }
}
