import Basics
import Demonstrations
import Policies
import PolicyFolders
import Probes
import Runs

/// What would only fail after a training, checked before one.
struct TrainableData {
    let study: Study
    let data: StudyData
    let run: RunContext

    /// - Throws: `Failure` (`data`) for actions that never change, for observation keys that a policy's files have no room for, and for a part with too few demonstrations that are long
    ///   enough for a window to train on, to compare with, or to calibrate the lookup table's threshold on.
    /// - Parameter parts: those to look at.
    func check(_ summary: DataSummary, _ parts: [StudyPart]) throws {
        let settings = study.settings
        guard !summary.areActionsConstant else {
            throw Failure(
                .data, "the actions of the training demonstrations never change", at: data.set.path,
                expected: "actions that differ between steps: nothing can be learned or recalled from others",
                found: "the same \(summary.actionDimension) numbers at every step of \(data.split.train.count) demonstrations",
                remedy: "check the recording, or use other demonstrations")
        }
        try ObservedKeys(data.set).check(of: data.set.path)
        for part in parts {
            let divided = try study.data(run, part: part)
            try check(part, "train", divided.split.train, divided.train, atLeast: 2)
            // An audit is told what its policy has not seen, see `AuditedSplit`.
            if settings.audit == nil { try check(part, "reference", divided.split.reference, divided.reference, atLeast: 1) }
        }
        let threshold = settings.alt.threshold
        guard !data.set.cameras.isEmpty, threshold.method == .calibrated else { return }
        for part in settings.tableParts {
            let demonstrations = try data.part(part).reference.map(\.demonstration)
            _ = try threshold.value(similarities: demonstrations.map { _ in 0 }, demonstrations: demonstrations)
        }
    }

    private func check(_ part: StudyPart, _ role: String, _ demonstrations: [Int], _ windows: [Window], atLeast: Int) throws {
        let found = StudyData.demonstrations(of: windows).count
        guard found < atLeast else { return }
        let set = try study.data(run, part: part).set, lengths = demonstrations.map { set.episodes[$0].length }
        throw Failure(
            .data, "too few demonstrations of a part are long enough for a window",
            at: "\(set.path): \(role) demonstrations, part \(part.name)",
            expected: "at least \(atLeast) of more than \(data.layout.horizon - data.layout.executedSteps) steps "
                + "(windows.horizon - windows.executed_steps)",
            found: "\(found) of \(demonstrations.count), of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) steps",
            remedy: "lower windows.horizon, use longer demonstrations, or raise data.split.train and data.split.reference")
    }
}
