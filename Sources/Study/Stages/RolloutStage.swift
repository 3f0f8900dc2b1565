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
            return try cell.blocks.filter { starts in
                try !run.store.has(RolloutBlock(cell: cell, starts: starts, task: plan.task, maker: maker).identity())
            }.map { (cell: cell, starts: $0) }
        }
        try SideBySide(study: study, run: run).work(
            "rollouts of low-dim policies", missing, total: missing.count * limit
        ) { piece, run, pool in
            let maker = PolicyMaker(study: study, run: run, part: piece.cell.part, threads: pool)
            let meter = run.progress.start(piece.cell.entry.id.name, total: limit)
            _ = try RolloutBlock(cell: piece.cell, starts: piece.starts, task: plan.task, maker: maker).obtain {
                try AskedPolicies(maker).policy(piece.cell.entry)
            } progress: { meter.update($0, detail: "\(piece.cell.part.name), \(piece.cell.condition)") }
            meter.update(limit)
            meter.finish()
        }
    }
}
