import Basics
import Probes
import Runs
import Store

/// Lets the policies loose in the simulator that made the demonstrations, all from the same starts, and writes one row an
/// episode to `rollouts.csv`. Without such a simulator it does nothing.
struct RolloutStage: Stage {
    let name = StageName.rollouts
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        for stage in [StageName.diffusion, StageName.controls, StageName.embed] { try fingerprint.add(stage: stage, of: run) }
        try fingerprint.add("settings", study.settings.ofAnswers)
        try fingerprint.add("rollouts", study.settings.rollouts)
        fingerprint.add("code", text: run.store.code(in: RolloutBlock.kind.code + ["Study/Rollouts"]))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] { try RolloutPlan(study, run) == nil ? [] : [EpisodeRecord.file] }

    func run(_ run: RunContext) throws {
        guard let plan = try RolloutPlan(study, run) else {
            return run.log.info("no rollouts: \(study.settings.rollouts.policies == [] ? "rollouts.policies is empty" : "the embedded simulator did not make these demonstrations")")
        }
        try runSideBySide(plan, run)
        let records = RolloutRecords(study, run, plan)
        let meter = run.progress.start("rollouts", total: records.work)
        defer { meter.finish() }
        let episodes = try records.all { meter.update($0, detail: $1) }
        try run.write(Table(episodes), to: EpisodeRecord.file)
        for cell in plan.cells where cell.part == .main && cell.scene == .plain {
            let own = episodes.filter { $0.policy == cell.entry.id && $0.condition == .closedLoop && $0.demonstrations == study.settings.data.split.train }
            run.log.info("\(cell.entry.id): \(own.count { $0.isSuccess }) of \(own.count) episodes of \(plan.task.name) succeed")
        }
    }

    /// The episodes of the policies on low-dim observations.
    private func runSideBySide(_ plan: RolloutPlan, _ run: RunContext) throws {
        let limit = study.settings.rollouts.steps
        let missing = try plan.cells.filter { $0.entry.view == .state }.flatMap { cell in
            let maker = PolicyMaker(study: study, run: run, part: cell.part)
            return try cell.blocks(plan.task, maker).filter { try !run.store.has($0.identity()) }
        }
        try SideBySide(study: study, run: run).work(
            "rollouts of low-dim policies", missing, total: missing.count * limit
        ) { block, run, pool in
            var block = block
            let cell = block.cell, maker = PolicyMaker(study: study, run: run, part: cell.part, threads: pool)
            block.maker = maker
            let meter = run.progress.start(cell.entry.id.name, total: limit)
            _ = try block.obtain {
                try AskedPolicies(maker).policy(cell.entry)
            } progress: { meter.update($0, detail: "\(cell.part.name), \(cell.condition)") }
            meter.update(limit)
            meter.finish()
        }
    }
}
