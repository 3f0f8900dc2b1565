import Basics
import Policies
import Runs
import Store
import Tabletop

/// Episodes by which the lookup table's variant is chosen, in the simulator that made the demonstrations: every candidate from the
/// same starts, which no other episode has. An error along recorded demonstrations says little of them: there the table never
/// has to find its way back.
struct ChoiceEpisodes {
    /// All episodes of one candidate.
    struct Trial {
        let variant: TableVariant
        let blocks: [RolloutBlock]
    }

    let trials: [Trial]
    private let limit: Int

    /// Nil where nothing is chosen by episodes: `alt.variant` names the variant, `rollouts.choice_starts` is 0, or no rollouts are
    /// possible or wanted.
    init?(_ study: Study, _ run: RunContext) throws {
        let settings = study.settings, starts = settings.rollouts.choiceStarts
        guard settings.alt.variant == VariantChoice.automatic, starts > 0, let task = try study.rolloutTask(run) else { return nil }
        let maker = PolicyMaker(study: study, run: run)
        limit = settings.rollouts.steps
        trials = VariantChoice.candidates(settings.alt).map { variant in
            let cell = RolloutCell(entry: Catalogue.entry(of: variant), part: .main, scene: .plain, starts: starts, purpose: .choice)
            return Trial(variant: variant, blocks: cell.blocks(task, maker))
        }
    }

    var blocks: [RolloutBlock] { trials.flatMap(\.blocks) }

    /// What decides their outcome.
    func add(to fingerprint: inout Fingerprint, _ store: Store) throws {
        for (index, block) in blocks.enumerated() { fingerprint.add("episodes \(index)", text: store.name(try block.identity())) }
    }

    /// How many episodes each candidate succeeds in, from the store or run now.
    /// - Parameter table: of a variant.
    func successes(_ run: RunContext, _ table: (TableVariant) throws -> any Policy) throws -> [String: Int] {
        let meter = run.progress.start("episodes that choose the lookup table", total: blocks.count * limit)
        defer { meter.finish() }
        var done = 0
        return try Dictionary(
            uniqueKeysWithValues: trials.map { trial in
                let counts = try trial.blocks.map { block in
                    try run.interruption.check()
                    let rollouts = try block.obtain { try table(trial.variant) } progress: { step in
                        meter.update(done + step, detail: trial.variant.name)
                    }
                    done += limit
                    return rollouts.count { $0.isSuccess }
                }
                return (trial.variant.name, counts.reduce(0, +))
            })
    }
}
