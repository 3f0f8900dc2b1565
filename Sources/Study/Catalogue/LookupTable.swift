import Basics
import Demonstrations
import Networks
import Policies
import Runs
import Safetensors
import Store
import Training

/// An Action Lookup Table of a study: of the training demonstrations, or of the reference demonstrations for its twin,
/// each with an encoder of its own.
struct LookupTable {
    let part: StudyPart
    /// Of the part.
    let data: StudyData
    let study: Study
    let run: RunContext

    static let kind = Identity.Kind("table", code: ArithmeticCode.table)

    static let files = [TableFile.name, CalibrationRow.fileName]

    /// In the run's folder.
    var link: String { EncoderTraining.name(part) }

    private var training: EncoderTraining { EncoderTraining(part: part, settings: study.settings) }

    /// What decides its rows and its threshold.
    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        fingerprint.add("encoder", try training.identity(data).fingerprint)
        fingerprint.add("data", data.fingerprint)
        try fingerprint.add("threshold", study.settings.alt.threshold)
        return Identity(Self.kind, fingerprint)
    }

    /// The trained encoder.
    func embedding() throws -> ObservationEmbedding {
        let network = ContrastiveEncoder(study.settings.contrastiveNetwork(data.set))
        let parameters = network.store.makeBuffer()
        let entry = try study.trained(training, data, run), place = "\(entry.path)/\(TrainingFiles.model())"
        try network.store.load(
            try Safetensors.decode(try entry.data(TrainingFiles.model()), from: place).tensors, into: parameters, from: place)
        return ObservationEmbedding(network, parameters: parameters, pool: study.pool)
    }

    /// From the store; else built from clean training images, its threshold calibrated on the reference demonstrations,
    /// which neither the table nor its encoder has seen.
    func obtain() throws -> StoreEntry {
        try run.obtain(identity(), "lookup table (\(part.name))", as: link, isRecorded: true) { folder, _ in
            let key = EmbeddingKey(try embedding())
            let rows = ActionLookupTable.Rows(key, set: data.set, layout: data.layout, windows: data.train)
            let frames = data.reference.map(data.layout.currentFrame)
            let answers = try ActionLookupTable(key: key, rows: rows, threshold: -1, pool: study.pool).predict(
                data.reference.map { data.layout.observation(of: $0, in: data.set) }, samples: 1, seed: Seed(0))
            let similarities = answers.map { $0[0].match?.similarity ?? -1 }
            let threshold = try study.settings.alt.threshold.value(
                similarities: similarities, demonstrations: frames.map(\.demonstration))
            try TableFile.write(rows, threshold: threshold, layout: data.layout, to: "\(folder)/\(TableFile.name)")
            let calibration = zip(frames, similarities).map { CalibrationRow(frame: $0, similarity: $1, isFlagged: $1 < threshold) }
            try AtomicFile.write(Table(calibration).csv, to: "\(folder)/\(CalibrationRow.fileName)")
            run.log.info("lookup table (\(part.name)): \(rows.frames.count) rows, similarity threshold \(threshold)")
            return Self.files
        }
    }

    func policy() throws -> ActionLookupTable {
        let entry = try obtain()
        let (rows, threshold) = try TableFile.read(
            try entry.data(TableFile.name), from: "\(entry.path)/\(TableFile.name)", rows: data.train.count, layout: data.layout,
            actionDimension: data.set.actionDimension)
        return ActionLookupTable(key: EmbeddingKey(try embedding()), rows: rows, threshold: threshold, pool: study.pool)
    }
}

/// A row of `calibration.csv`: the similarity of an unseen frame to its best row, by which the threshold is set.
struct CalibrationRow: Record {
    static let fileName = "calibration.csv"
    var demonstration = 0, frame = 0
    var similarity = 0.0
    var isFlagged = false

    init() {}

    init(frame: FrameReference, similarity: Double, isFlagged: Bool) {
        demonstration = frame.demonstration
        self.frame = frame.frame
        self.similarity = similarity
        self.isFlagged = isFlagged
    }

    static var columns: [Column<CalibrationRow>] {
        [
            Column("demonstration", \.demonstration), Column("frame", \.frame), Column("similarity", \.similarity),
            Column("flagged", \.isFlagged),
        ]
    }
}
