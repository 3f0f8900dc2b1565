import Basics
import Demonstrations
import Probes

extension StudyData {
    /// What the probes are told of the demonstrations before anything is trained.
    func summary(_ settings: Settings) -> DataSummary {
        func part(_ windows: [Window]) -> DataSummary.Part {
            DataSummary.Part(demonstrations: Self.demonstrations(of: windows).count, windows: windows.count)
        }
        let perDemonstration = Dictionary(grouping: query, by: \.demonstration).mapValues(\.count)
        return DataSummary(
            train: part(train), reference: part(reference), query: part(query),
            heldoutObservations: perDemonstration.values.reduce(0) { $0 + min($1, settings.probes.framesPerDemonstration) },
            steps: set.totalFrames, horizon: layout.horizon, actionDimension: set.actionDimension,
            areSequencesRepeated: areSequencesRepeated, areActionsConstant: areActionsConstant,
            areObservationsConstant: areObservationsConstant)
    }

    /// Those with a window, sorted.
    static func demonstrations(of windows: [Window]) -> [Int] { Set(windows.map(\.demonstration)).sorted() }

    /// Whether more than half of the training sequences are, number by number, one of another demonstration.
    private var areSequencesRepeated: Bool {
        /// Nil where several demonstrations have it.
        var owner: [[Float]: Int?] = [:]
        let sequences = train.map { layout.actions(of: $0, in: set) }
        for (sequence, window) in zip(sequences, train) {
            if let known = owner[sequence] {
                if known != window.demonstration { owner[sequence] = .some(nil) }
            } else {
                owner[sequence] = window.demonstration
            }
        }
        let repeated = sequences.count { owner[$0] == .some(.none) }
        return 2 * repeated > train.count
    }

    private var areActionsConstant: Bool { isConstant(\.actions, width: set.actionDimension) }

    private var areObservationsConstant: Bool {
        guard isConstant(\.lowDim, width: set.lowDimDimension), let first = split.train.first else { return false }
        return set.cameras.indices.allSatisfy { camera in
            let image = set.image(FrameReference(demonstration: first, frame: 0), camera: camera).pixels
            return split.train.allSatisfy { demonstration in
                (0..<set.episodes[demonstration].length).allSatisfy { frame in
                    set.withPixels(FrameReference(demonstration: demonstration, frame: frame), camera: camera) {
                        $0.elementsEqual(image)
                    }
                }
            }
        }
    }

    /// Whether every training step has the same row; true for rows of nothing.
    private func isConstant(_ values: KeyPath<Episode, [Float]>, width: Int) -> Bool {
        guard width > 0, let first = split.train.first else { return true }
        let row = set.episodes[first][keyPath: values].prefix(width)
        return split.train.allSatisfy { demonstration in
            let values = set.episodes[demonstration][keyPath: values]
            return stride(from: 0, to: values.count, by: width).allSatisfy { values[$0..<$0 + width].elementsEqual(row) }
        }
    }
}

/// What would only fail after a training, checked before one.
struct TrainableData {
    let study: Study
    let data: StudyData

    /// - Throws: `Failure` (`data`) for actions that never change, and for a part with too few demonstrations that are long
    ///   enough for a window to train on, to compare with, or to calibrate the lookup table's threshold on.
    func check(_ summary: DataSummary) throws {
        let settings = study.settings
        guard !summary.areActionsConstant else {
            throw Failure(
                .data, "the actions of the training demonstrations never change", at: data.set.path,
                expected: "actions that differ between steps: nothing can be learned or recalled from others",
                found: "the same \(summary.actionDimension) numbers at every step of \(data.split.train.count) demonstrations",
                remedy: "check the recording, or use other demonstrations")
        }
        for part in StudyPart.all(settings) {
            let divided = data.part(part)
            try check(part, "train", divided.split.train, divided.train, atLeast: 2)
            try check(part, "reference", divided.split.reference, divided.reference, atLeast: 1)
        }
        let threshold = settings.alt.threshold
        guard !data.set.cameras.isEmpty, threshold.method == .calibrated else { return }
        for part in LookupTables.parts {
            let demonstrations = data.part(part).reference.map(\.demonstration)
            _ = try threshold.value(similarities: demonstrations.map { _ in 0 }, demonstrations: demonstrations)
        }
    }

    private func check(_ part: StudyPart, _ role: String, _ demonstrations: [Int], _ windows: [Window], atLeast: Int) throws {
        let found = StudyData.demonstrations(of: windows).count
        guard found < atLeast else { return }
        let lengths = demonstrations.map { data.set.episodes[$0].length }
        throw Failure(
            .data, "too few demonstrations of a part are long enough for a window",
            at: "\(data.set.path): \(role) demonstrations, part \(part.name)",
            expected: "at least \(atLeast) of more than \(data.layout.horizon - data.layout.executedSteps) steps "
                + "(windows.horizon - windows.executed_steps)",
            found: "\(found) of \(demonstrations.count), of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) steps",
            remedy: "lower windows.horizon, use longer demonstrations, or raise data.split.train and data.split.reference")
    }
}
