import Basics
import Configuration
import Demonstrations
import PolicyFolders
import Store

extension ExperimentFile {
    /// The same with what the policy of an audit says of itself in place of the settings: what it observes, how its sequences lie, and
    /// which demonstrations it has seen. A study without an audit stays as it is.
    /// - Throws: `Failure` when the policy cannot be read, is not the one that the run began with, or does not fit the demonstrations.
    public func resolvingAudit() throws -> ExperimentFile {
        guard let audit = settings.audit else { return self }
        let (subject, identity) = try OpenedSubject.openAll(settings, audit)
        if let known = audit.identity, known != identity {
            throw Failure(
                .data, "the policy is not the one that this run was made with", at: audit.policy, expected: "SHA-256 \(known)", found: identity,
                remedy: "put it back; `alt audit` with the new one makes a run of its own")
        }
        return try resolved(audit) {
            ($0.form, $0.identity, $0.manner) = (subject.form, identity, subject.manner)
            // Of several checkpoints the names tell.
            if $0.checkpoints.isEmpty { $0.trainingSteps = $0.trainingSteps ?? subject.trainingSteps }
            $0.fastSteps = subject.fastSteps($0.fastSteps)
        } settings: { settings in
            if let keys = subject.keys { (settings.data.cameras, settings.data.lowDim) = (keys.cameras, keys.lowDim) }
            if let windows = subject.windows { settings.windows = windows }
            if let size = subject.imageSize { settings.image.crop = size }
        }
    }

    /// What a file of questions was asked with.
    /// - Throws: `Failure` when it is no such file.
    public static func asked(in questions: String, overrides: [String]) throws -> ExperimentFile {
        try load(text: QuestionFile.read(questions).head.configuration, from: "\(questions), attribute config", overrides: overrides)
    }

    /// The same for answers that are yet to be written.
    /// - Parameter path: of the questions
    func withQuestions(in path: String) throws -> ExperimentFile {
        guard let audit = settings.audit else { throw Failure(.defect, "a study without an audit asks nobody else") }
        return try resolved(audit) { ($0.policy, $0.form) = (path, .answers) } settings: { _ in }
    }

    private func resolved(
        _ audit: AuditSettings, _ open: (inout AuditSettings) -> Void, settings change: (inout Settings) -> Void
    ) throws -> ExperimentFile {
        var settings = settings, audit = audit
        open(&audit)
        change(&settings)
        let split = try AuditedSplit(audit.trainedOn, in: settings.data.path, among: AuditedSplit.names(settings))
        (settings.data.split.train, settings.data.split.reference) = (split.trained.count, split.reference)
        if split.reference == 0 {
            // A table's flag is calibrated on demonstrations that it has not seen.
            audit.controls = false
        } else {
            // Its false alarms cannot be set finer than so few demonstrations tell.
            settings.alt.threshold.falseAlarmRate = max(settings.alt.threshold.falseAlarmRate, 1 / Double(split.reference + 1))
        }
        // Whatever these say, nothing of it is made in an audit.
        (settings.data.generate, settings.data.demonstrations) = (nil, nil)
        (settings.state.sizes, settings.state.splits, settings.state.spacing) = ([], 1, false)
        settings.probes.referenceSize = false
        settings.audit = audit
        return try checked(with: settings)
    }
}

extension StudyData {
    /// What the policy's description says beside what the demonstrations hold.
    /// - Throws: `Failure` (`data`) for the first that does not fit.
    func check(_ subject: OpenedSubject, _ audit: AuditSettings) throws {
        func mismatch(_ what: String, _ expected: String, _ found: String, _ remedy: String) -> Failure {
            Failure(.data, what, at: "\(audit.policy), \(set.path)", expected: expected, found: found, remedy: remedy)
        }
        if let dimension = subject.actionDimension, dimension != set.actionDimension {
            throw mismatch(
                "the policy's actions are not the demonstrations'", "\(dimension) values", "\(set.actionDimension)",
                "use the file that the policy was trained on, or convert its actions")
        }
        if let keys = subject.keys, keys != ObservedKeys(set) {
            let found = ObservedKeys(set)
            throw mismatch(
                "the policy observes other shapes than the demonstrations have", "images \(keys.cameraShapes), low-dim widths \(keys.lowDimWidths)",
                "\(found.cameraShapes), \(found.lowDimWidths)", "use the file that the policy was trained on, or name other keys with audit.keys")
        }
        if let outside = actionsOutside(subject), outside.share > Self.mostOutside {
            throw mismatch(
                "the training demonstrations' actions do not lie where the policy's do",
                "at least \(1 - Self.mostOutside) of them within the range that its normaliser maps to [-1, 1], or near it",
                "\(SignificantDigits.shortened(outside.share, digits: 3)) of dimension \(outside.dimension) far outside",
                "the file may hold other actions (absolute in place of delta, axis-angle in place of 6-d rotation): convert it, or name the demonstrations trained on")
        }
    }

    private static let mostOutside = 0.01

    /// Of the dimension in which most of the training actions lie far outside the policy's range.
    private func actionsOutside(_ subject: OpenedSubject) -> (dimension: Int, share: Double)? {
        guard let units = subject.actions, let limit = units.limit else { return nil }
        let width = set.actionDimension
        var outside = [Int](repeating: 0, count: width), count = 0
        for demonstration in split.train {
            let actions = units.normalizer.normalizeActions(set.episodes[demonstration].actions)
            count += actions.count / width
            for (index, value) in actions.enumerated() where abs(value) > limit {
                outside[index % width] += 1
            }
        }
        guard count > 0, let worst = outside.indices.max(by: { outside[$0] < outside[$1] }) else { return nil }
        return (worst, Double(outside[worst]) / Double(count))
    }
}
