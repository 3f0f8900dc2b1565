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
