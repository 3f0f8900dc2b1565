import Basics
import Configuration
import Demonstrations
import Probes
import Rollouts
import Runs
import Tabletop

/// Which episodes a study runs in the embedded simulator: every policy that can act, on the same starts.
struct RolloutPlan {
    let task: any TabletopTask
    let cells: [RolloutCell]

    /// Nil where the embedded simulator did not make the demonstrations, or none are wanted.
    /// - Throws: `Failure` (`data`) for a name in `rollouts.policies` that no policy that can act has.
    init?(_ study: Study, _ run: RunContext) throws {
        let cells = try RolloutCell.wanted(study, study.data(run).set)
        guard let task = try study.rolloutTask(run) else { return nil }
        self.task = task
        self.cells = cells
    }

    /// The episodes along which monitors are asked: those of the policies compared first, as the task is, from both kinds of starts;
    /// none without reference starts.
    var monitored: [RolloutCell] {
        let policies = Set(cells.filter { $0.purpose == .thresholds }.map(\.entry.id))
        return cells.filter { policies.contains($0.entry.id) && $0.part == .main && $0.scene == .plain }
    }
}

extension RolloutCell {
    /// Every part and scene that a study wants, in the order of the files.
    /// - Throws: `Failure` (`data`) for a name in `rollouts.policies` that no policy that can act has.
    static func wanted(_ study: Study, _ set: DemonstrationSet) throws -> [RolloutCell] {
        let settings = study.settings.rollouts, acting = study.catalogue.entries.filter { !$0.acts.isEmpty }
        if let unknown = settings.policies?.first(where: { name in !acting.contains { $0.id.name == name } }) {
            throw Failure(
                .data, "rollouts.policies names no policy that can act", at: "rollouts.policies",
                expected: acting.map(\.id.name).joined(separator: ", "), found: unknown,
                remedy: Suggestion.sentence(for: unknown, among: acting.map(\.id.name)) ?? "correct the name or leave it out")
        }
        let wanted = acting.filter { entry in
            let isPrimary = isPrimary(entry, study.catalogue)
            return (isPrimary || settings.policies?.contains(entry.id.name) ?? true) && (!entry.needsCameras || !set.cameras.isEmpty)
        }
        return StudyPart.all(study.settings).flatMap { part in
            wanted.filter { $0.parts.contains(part) && isCompared($0, in: part) }.flatMap { entry in
                entry.acts.filter { part == .main || $0 == .plain }.flatMap { scene in
                    let isPrimary = part == .main && scene == .plain && isPrimary(entry, study.catalogue)
                    let cell = RolloutCell(
                        entry: entry, part: part, scene: scene, starts: isPrimary ? settings.primaryStarts : settings.starts)
                    guard isPrimary, settings.referenceStarts > 0 else { return [cell] }
                    return [cell, RolloutCell(entry: entry, part: part, scene: scene, starts: settings.referenceStarts, purpose: .thresholds)]
                }
            }
        }
    }

    /// Whether it is one of the two that are compared first, on more starts: the table, and the policy under study by its fast sampler, or by
    /// its own where an audit knows no other.
    static func isPrimary(_ entry: CatalogueEntry, _ catalogue: Catalogue) -> Bool {
        entry.id.role == .table || entry.id.role == .sampler || (entry.id.role == .subject && catalogue.first(.sampler) == nil)
    }

    /// Other numbers of demonstrations are asked of the policies on low-dim observations and their table; the others are not let loose.
    private static func isCompared(_ entry: CatalogueEntry, in part: StudyPart) -> Bool {
        switch part {
        case .main: true
        case .twin, .split, .spacing: false
        case .size: entry.view == .state
        }
    }
}
