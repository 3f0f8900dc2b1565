import Basics
import Policies
import Probes
import Runs
import Safetensors
import Store

/// Asks every policy about every condition, in every part of the study. What was answered before, by this study or another,
/// comes from the store.
struct QueryStage: Stage {
    let name = StageName.query
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        for stage in [StageName.data, StageName.diffusion, StageName.controls, StageName.embed, StageName.pictures] { try fingerprint.add(stage: stage, of: run) }
        try fingerprint.add("settings", study.settings.ofAnswers)
        fingerprint.add("code", text: run.store.code(in: PolicyAnswers.kind.code + ObservationMonitors.kind.code))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try StudyPart.all(study.settings).flatMap { part in
            try study.conditions(run, part).map { GeneratedFile.path($0.condition, part) }
        }
    }

    private static let kind = Identity.Kind("generated", code: ArithmeticCode.answers + ["Study/Evidence/GeneratedFile.swift"])

    /// The files of all conditions are one entry of the store, put together from the answers of each policy, which are entries
    /// too: a study that asks the same finds all at once, one that asks a little more finds the rest.
    func run(_ run: RunContext) throws {
        let entry = try run.obtain(
            Identity(Self.kind, fingerprint(run)), "answers of all policies", as: GeneratedFile.folder(.main)
        ) { folder, _ in
            try askSideBySide(run)
            for part in StudyPart.all(study.settings) { try ask(part, run, to: folder) }
            return try StudyPart.all(study.settings).flatMap { part in
                try study.conditions(run, part).map { GeneratedFile.path($0.condition, part, below: "") }
            }
        }
        guard entry.wasFound else { return }
        run.log.info("answers of all policies: found, \(entry.name)")
        run.keepLinks()
    }

    /// The policies on low-dim observations, of all parts.
    private func askSideBySide(_ run: RunContext) throws {
        var missing: [(part: StudyPart, entry: CatalogueEntry, condition: QueryCondition)] = []
        for part in StudyPart.all(study.settings) {
            let maker = PolicyMaker(study: study, run: run, part: part)
            for entry in try AskedPolicies(maker).entries() where entry.view == .state {
                for condition in try study.conditions(run, part) where entry.isAsked(condition) {
                    let answers = PolicyAnswers(entry: entry, condition: condition, maker: maker)
                    if try !run.store.has(answers.identity()) { missing.append((part, entry, condition)) }
                }
            }
        }
        try SideBySide(study: study, run: run).work("asking the low-dim policies", missing, total: missing.count) { piece, run, pool in
            let meter = run.progress.start(piece.entry.id.name, total: 1)
            let maker = PolicyMaker(study: study, run: run, part: piece.part, threads: pool)
            _ = try PolicyAnswers(entry: piece.entry, condition: piece.condition, maker: maker).obtain {
                try AskedPolicies(maker).policy(piece.entry)
            }
            meter.update(1, detail: piece.condition.condition.name)
            meter.finish()
        }
    }

    private func ask(_ part: StudyPart, _ run: RunContext, to folder: String) throws {
        let conditions = try study.conditions(run, part), maker = PolicyMaker(study: study, run: run, part: part)
        let policies = AskedPolicies(maker)
        let entries = try policies.entries()
        let monitors = Once { Result { try ObservationMonitors(maker) } }
        try FileSystem.makeFolder("\(folder)/\(GeneratedFile.folder(part, below: ""))")
        let meter = run.progress.start("asking the policies (\(part.name))", total: conditions.count * entries.count)
        defer { meter.finish() }
        for (index, condition) in conditions.enumerated() {
            var answers: [(policy: PolicyID, file: SafetensorsFile)] = []
            for (number, entry) in entries.enumerated() where entry.isAsked(condition) {
                try run.interruption.check()
                let answered = try PolicyAnswers(entry: entry, condition: condition, maker: maker).obtain { try policies.policy(entry) }
                answers.append((entry.id, answered))
                meter.update(index * entries.count + number + 1, detail: "\(entry.id), \(condition.condition)")
            }
            let scores = part == .main ? try MonitorAnswers(condition, answers, maker).obtain { try monitors.value.get() } : []
            try GeneratedFile(condition: condition, data: maker.data()).write(
                answers, monitors: scores, to: "\(folder)/\(GeneratedFile.path(condition.condition, part, below: ""))")
        }
    }
}
