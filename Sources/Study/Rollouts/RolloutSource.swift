import Basics
import Plots
import Probes
import Runs

/// Where a study's episodes come from.
enum RolloutSource {
    /// Carried out by the study itself, in the simulator that made the demonstrations.
    case embedded(RolloutPlan)
    /// Carried out elsewhere and brought in by `alt rollouts import`.
    case recorded(RecordedRollouts)

    /// Nil where there are none.
    static func of(_ study: Study, _ run: RunContext) throws -> RolloutSource? {
        if let plan = try RolloutPlan(study, run) { return .embedded(plan) }
        return try RecordedRollouts.of(study, run).map(RolloutSource.recorded)
    }

    /// Why a study has none.
    static func reasonWithout(_ study: Study) -> String {
        study.settings.rollouts.policies == []
            ? "rollouts.policies is empty"
            : study.settings.audit != nil ? "an audit lets no policy act itself, and no episodes were imported (alt rollouts import)" : "the embedded simulator did not make these demonstrations, and no episodes were imported (alt rollouts import)"
    }

    /// One record for each episode.
    func episodes(_ study: Study, _ run: RunContext) throws -> [EpisodeRecord] {
        switch self {
        case .embedded(let plan): try RolloutRecords(study, run, plan).all()
        case .recorded(let recorded): try recorded.episodes()
        }
    }

    /// What monitors said along them.
    func monitored(_ study: Study, _ run: RunContext) throws -> [EpisodeMonitorRecord] {
        switch self {
        case .embedded(let plan): try MonitoredRollouts(study, run, plan).all()
        case .recorded(let recorded): try recorded.monitors(recorded.episodes())
        }
    }

    /// Episodes of the two policies that are compared first, a strip each: all cameras from the start to the end; the first successes
    /// and the first failures, `rollouts.filmstrips` of each.
    func filmstrips(_ study: Study, _ run: RunContext) throws -> [Filmstrip] {
        guard study.settings.rollouts.filmstrips > 0 else { return [] }
        return switch self {
        case .embedded(let plan): try Filmstrips(study: study, run: run).all(plan)
        case .recorded(let recorded): try recorded.filmstrips()
        }
    }
}
