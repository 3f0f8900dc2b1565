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
        for stage in [StageName.diffusion, StageName.controls, StageName.embed, StageName.pictures] { try fingerprint.add(stage: stage, of: run) }
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
            for part in StudyPart.all(study.settings) { try ask(part, run, to: folder) }
            return try StudyPart.all(study.settings).flatMap { part in
                try study.conditions(run, part).map { GeneratedFile.path($0.condition, part, below: "") }
            }
        }
        guard entry.wasFound else { return }
        run.log.info("answers of all policies: found, \(entry.name)")
        run.keepLinks()
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
            for (number, entry) in entries.enumerated() where condition.hasTruth || entry.asked == .everywhere {
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

/// The policies that are asked in one part, made when the first of their answers is not in the store.
final class AskedPolicies {
    private let maker: PolicyMaker
    private var made: [PolicyID: any Policy] = [:]

    init(_ maker: PolicyMaker) { self.maker = maker }

    /// Everything that is asked in the part, in the order of the CSV files.
    func entries() throws -> [CatalogueEntry] { try able().filter { $0.asked != .never } }

    /// Every policy of the part that these data allow.
    func able() throws -> [CatalogueEntry] {
        let set = try maker.data().set, hasCameras = !set.cameras.isEmpty
        let isSimulated = RecordedScenes.task(of: set) != nil
        return maker.study.catalogue.entries.filter {
            $0.parts.contains(maker.part) && (hasCameras || !$0.needsCameras) && (isSimulated || !$0.needsSimulator)
        }
    }

    func policy(_ entry: CatalogueEntry) throws -> any Policy {
        if let policy = made[entry.id] { return policy }
        var maker = maker
        maker.sources = entry.sources
        guard let policy = try entry.make(maker) else {
            throw Failure(.defect, "a policy that should be asked cannot be made", at: entry.id.name)
        }
        made[entry.id] = policy
        return policy
    }
}
