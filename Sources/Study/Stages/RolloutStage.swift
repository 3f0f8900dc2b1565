import Basics
import Probes
import Runs
import Store

/// Lets the policies loose in the simulator that made the demonstrations, all from the same starts, and writes one row an
/// episode to `rollouts.csv`. Where that is a simulator elsewhere, it writes the episodes that `alt rollouts import` brought in; without
/// any it does nothing.
struct RolloutStage: Stage {
    let name = StageName.rollouts
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        for stage in [StageName.diffusion, StageName.controls, StageName.embed] { try fingerprint.add(stage: stage, of: run) }
        if let seal = try RecordedSeal.read(run.folder.path(RecordedRollouts.folder)) { fingerprint.add("imported", text: seal.fingerprint) }
        try fingerprint.add("settings", study.settings.ofAnswers)
        try fingerprint.add("rollouts", study.settings.rollouts)
        fingerprint.add("code", text: run.store.code(in: RolloutBlock.kind.code + ["Study/Rollouts"]))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] { try RolloutSource.of(study, run) == nil ? [] : [EpisodeRecord.file] }

    func run(_ run: RunContext) throws {
        switch try RolloutSource.of(study, run) {
        case .embedded(let plan): try carryOut(plan, run)
        case .recorded(let recorded):
            let episodes = try recorded.episodes()
            try run.write(Table(episodes), to: EpisodeRecord.file)
            log(episodes, episodes.distinct(\.policy), task: recorded.header.task, run)
        case nil: run.log.info("no rollouts: \(RolloutSource.reasonWithout(study))")
        }
    }

    private func carryOut(_ plan: RolloutPlan, _ run: RunContext) throws {
        try runSideBySide(plan, run)
        let records = RolloutRecords(study, run, plan)
        let meter = run.progress.start("rollouts", total: records.work)
        defer { meter.finish() }
        let episodes = try records.all { meter.update($0, detail: $1) }
        try run.write(Table(episodes), to: EpisodeRecord.file)
        let policies = plan.cells.filter { $0.part == .main && $0.scene == .plain && $0.purpose == .comparison }.map(\.entry.id)
        log(episodes.filter { $0.demonstrations == study.settings.data.split.train }, policies, task: plan.task.name, run)
    }

    private func log(_ episodes: [EpisodeRecord], _ policies: [PolicyID], task: String, _ run: RunContext) {
        for policy in policies {
            let own = episodes.filter { $0.policy == policy && $0.condition == .closedLoop }
            run.log.info("\(policy): \(own.count { $0.isSuccess }) of \(own.count) episodes of \(task) succeed")
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
