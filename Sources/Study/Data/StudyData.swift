import Basics
import Demonstrations
import Probes

/// The demonstrations of a study with everything derived from them by settings alone: split, windows, normaliser.
///
/// Loaded once per process and shared by the stages, see `Study.data`.
final class StudyData: Sendable {
    let set: DemonstrationSet
    let split: DatasetSplit
    let layout: WindowLayout
    /// Windows of the training, reference and query demonstrations.
    let train, reference, query: [Window]
    /// Fitted on training demonstrations only.
    let normalizer: Normalizer
    /// Of the file.
    let sha256: String
    /// What the demonstrations are called in the file.
    var names: DemonstrationNames { DemonstrationNames(set.episodes.map(\.name)) }
    /// Of the division.
    private let seed: Seed

    private init(
        _ set: DemonstrationSet, _ split: DatasetSplit, _ layout: WindowLayout, train: [Int], reference: [Int],
        query: [Int], _ normalizer: Normalizer, sha256: String, seed: Seed
    ) {
        self.set = set
        self.seed = seed
        self.sha256 = sha256
        self.split = DatasetSplit(train: train, reference: reference, query: query)
        self.layout = layout
        self.normalizer = normalizer
        self.train = layout.windows(in: set, demonstrations: train)
        self.reference = layout.windows(in: set, demonstrations: reference)
        self.query = layout.windows(in: set, demonstrations: query)
    }

    /// The same demonstrations otherwise divided. Where the queries are the same the normaliser stays, so that sequences keep
    /// their units; that of a split is fitted on its T.
    /// - Throws: `Failure` where the demonstrations do not suffice.
    func part(_ part: StudyPart) throws -> StudyData {
        func divided(train: [Int], reference: [Int], query: [Int]? = nil, _ normalizer: Normalizer? = nil) -> StudyData {
            StudyData(
                set, split, layout, train: train, reference: reference, query: query ?? split.query, normalizer ?? self.normalizer,
                sha256: sha256, seed: seed)
        }
        switch part {
        case .main, .spacing: return self
        case .split(let number, let isTwin):
            let other = try DatasetSplit.make(
                count: set.episodes.count, train: split.train.count, reference: split.reference.count, seed: seed / number)
            let (train, reference) = isTwin ? (other.reference, other.train) : (other.train, other.reference)
            return divided(
                train: train, reference: reference, query: other.query, Normalizer.fit(set, demonstrations: other.train))
        case .twin: return divided(train: split.reference, reference: split.train)
        case .size(let count):
            return divided(
                train: Array((split.train + split.spareTrain).prefix(count)),
                reference: Array((split.reference + split.spareReference).prefix(count)))
        }
    }

    /// - Parameters:
    ///   - view: which observations the set holds.
    ///   - sha256: of the file.
    ///   - actions: the units of an audited policy's actions, in which sequences are compared then; nil for those of the training
    ///     demonstrations.
    /// - Throws: `Failure` when the file cannot be read, a camera is smaller than the crop, the demonstrations are
    ///   too few for the split, or too short for a window.
    init(
        _ settings: Settings, view: ObservationView = .images, sha256: String, actions: AuditedActions? = nil,
        progress: ((Int, Int) -> Void)?
    ) throws {
        let data = settings.data
        self.sha256 = sha256
        seed = settings.root / "split"
        var selection = data.selection
        if view == .state { (selection.cameras, selection.lowDimKeys) = ([], settings.state.lowDim ?? data.lowDim) }
        let own = try RobomimicFile.load(selection, workers: settings.workers, progress: progress)
        set = try settings.audit?.reference.map { try own.joined(withReference: $0, selection, workers: settings.workers) } ?? own
        for camera in set.cameras where min(camera.width, camera.height) < settings.image.crop {
            throw Failure(
                .data, "a camera is smaller than the crop", at: "\(data.path): \(camera.key)",
                expected: "at least image.crop = \(settings.image.crop) pixels on each side",
                found: "\(camera.width) x \(camera.height)", remedy: "lower image.crop")
        }
        split = try Self.split(set, settings, seed)
        layout = settings.windows
        train = layout.windows(in: set, demonstrations: split.train)
        reference = layout.windows(in: set, demonstrations: split.reference)
        query = layout.windows(in: set, demonstrations: split.query)
        let lengths = set.episodes.map(\.length)
        let parts = [("train", split.train, train), ("reference", split.reference, reference), ("query", split.query, query)]
        // Of an audit, which parts have no demonstration is known.
        for (part, demonstrations, windows) in parts where windows.isEmpty && !(settings.audit != nil && demonstrations.isEmpty) {
            throw Failure(
                .data, "no demonstration of a part is long enough for a window", at: "\(data.path): \(part) split",
                expected: "more than horizon - executed_steps = \(layout.horizon - layout.executedSteps) steps",
                found: "at most \(demonstrations.map { lengths[$0] }.max() ?? 0) steps",
                remedy: "lower windows.horizon or use longer demonstrations")
        }
        let fitted = Normalizer.fit(set, demonstrations: split.train)
        normalizer = actions.map {
            Normalizer(
                actionScale: $0.normalizer.actionScale, actionOffset: $0.normalizer.actionOffset, actionCentre: $0.normalizer.actionCentre,
                lowDimScale: fitted.lowDimScale, lowDimOffset: fitted.lowDimOffset)
        } ?? fitted
    }

    private static func split(_ set: DemonstrationSet, _ settings: Settings, _ seed: Seed) throws -> DatasetSplit {
        let data = settings.data
        if let audit = settings.audit {
            return try AuditedSplit(audit.trainedOn, in: data.path, among: set.episodes.map(\.name)).split(seed: seed)
        }
        let needed = data.split.train + data.split.reference + 2 * settings.spareDemonstrations
        if set.episodes.count <= needed {
            throw Failure(
                .data, data.filterKey == nil ? "too few demonstrations for the split" : "the filter key leaves too few demonstrations",
                at: data.path + (data.filterKey.map { ":/mask/\($0)" } ?? ""),
                expected: "more than \(needed): data.split.train + data.split.reference + twice what state.sizes adds",
                found: "\(set.episodes.count)",
                remedy: "lower data.split.train, data.split.reference and state.sizes, or use \(data.filterKey == nil ? "a file with more" : "another filter_key")")
        }
        return try DatasetSplit.make(
            count: set.episodes.count, train: data.split.train, reference: data.split.reference,
            spare: settings.spareDemonstrations, seed: seed)
    }
}

/// Action sequences of the data as the probes take them: normalised, with demonstration, frame and phase.
struct StudyChunks {
    let data: StudyData

    init(_ data: StudyData) { self.data = data }

    /// The true sequences of windows.
    func chunks(of windows: [Window]) -> Chunks { chunks(at: windows.map(data.layout.currentFrame)) }

    /// The true sequences at frames.
    func chunks(at frames: [FrameReference]) -> Chunks {
        let values = frames.flatMap {
            data.normalizer.normalizeActions(data.layout.actions(of: data.layout.window(at: $0), in: data.set))
        }
        return chunks(values: values, at: frames)
    }

    /// Given sequences that answer the observations at frames.
    func chunks(values: [Float], at frames: [FrameReference]) -> Chunks {
        Chunks(
            horizon: data.layout.horizon, actionDimension: data.set.actionDimension, values: values,
            demonstration: frames.map(\.demonstration), frame: frames.map(\.frame), names: data.names, phase: frames.map(phase))
    }

    /// The third of the episode a frame lies in.
    private func phase(_ frame: FrameReference) -> String {
        ["early", "middle", "late"][frame.frame * 3 / data.set.episodes[frame.demonstration].length]
    }
}
