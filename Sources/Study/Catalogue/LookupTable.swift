import Basics
import Compute
import Demonstrations
import Networks
import Policies
import PolicyFolders
import Probes
import Runs
import Safetensors
import Store
import Training

/// The Action Lookup Table of a study: of the training demonstrations, or of the reference demonstrations for its twin, each
/// with encoders of its own.
///
/// What it is made of is one of `TableVariant.tried(_:_:)`, see `VariantChoice`. The twin is of the main part's variant, so that nothing
/// but the demonstrations differs.
struct LookupTable {
    let part: StudyPart
    /// Of the part.
    let data: StudyData
    let study: Study
    let run: RunContext

    static let kind = Identity.Kind("table", code: ArithmeticCode.table)

    static let files = [TableFile.name, CalibrationRow.fileName, VariantRow.fileName]

    /// In the run's folder.
    var link: String { EncoderTraining.name(part) }

    private var settings: AltSettings { study.settings.alt }

    private func training(_ recipe: EncoderTraining.Recipe) -> EncoderTraining {
        EncoderTraining(part: part, recipe: recipe, settings: study.settings)
    }

    private func main() throws -> LookupTable { LookupTable(part: .main, data: try study.data(run), study: study, run: run) }

    /// What decides its variant, its rows and its threshold.
    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        for recipe in TableVariant.encoders(part, settings) {
            fingerprint.add("\(recipe) encoder", try training(recipe).identity(data).fingerprint)
        }
        fingerprint.add("data", data.fingerprint)
        fingerprint.add("variant", text: settings.variant)
        fingerprint.add("tried", text: TableVariant.tried(part, settings).map(\.name).joined(separator: " "))
        try fingerprint.add("threshold", settings.threshold)
        if part != .main { fingerprint.add("main", try main().identity().fingerprint) }
        try episodes()?.add(to: &fingerprint, run.store)
        return Identity(Self.kind, fingerprint)
    }

    /// A trained encoder with its head.
    func embedding(_ recipe: EncoderTraining.Recipe = .published) throws -> ObservationEmbedding {
        let network = ContrastiveEncoder(study.settings.contrastiveNetwork(data.set, recipe))
        return ObservationEmbedding(network, parameters: try trained(recipe, network.store), pool: study.pool)
    }

    /// A trained encoder that has no head.
    private func features(_ recipe: EncoderTraining.Recipe) throws -> CameraFeatures {
        let encoder = SharedEncoder(study.settings.sharedEncoder(data.set))
        return CameraFeatures(
            encoder, parameters: try trained(recipe, encoder.store) { $0.hasPrefix("\(SharedEncoder.prefix).") }, pool: study.pool)
    }

    /// - Parameter isWanted: which of the training's parameters, by name
    private func trained(
        _ recipe: EncoderTraining.Recipe, _ store: ParameterStore, _ isWanted: (String) -> Bool = { _ in true }
    ) throws -> FloatBuffer {
        let parameters = store.makeBuffer(), file = TrainingFiles.model()
        let entry = try study.trained(training(recipe), data, run), place = "\(entry.path)/\(file)"
        let tensors = try Safetensors.decode(try entry.data(file), from: place).tensors
        try store.load(tensors.filter { isWanted($0.key) }, into: parameters, from: place)
        return parameters
    }

    func key(_ key: TableVariant.Key) throws -> any ObservationKey {
        let images: any ObservationKey =
            switch key.encoder.objective {
            case .contrast: EmbeddingKey(try embedding(key.encoder), key.dropsHead ? .features : .head)
            case .reconstruction: FeatureKey(try features(key.encoder))
            }
        guard key.hasPose else { return images }
        return JoinedKey(images, PoseKey(data.normalizer), windows: data.train, in: data.set, layout: data.layout)
    }

    /// Those that choose its variant; the twin's is chosen already.
    private func episodes() throws -> ChoiceEpisodes? { part == .main ? try ChoiceEpisodes(study, run) : nil }

    /// From the store; else built from clean training images, its variant chosen and its threshold calibrated on the reference
    /// demonstrations, which neither the table nor its encoders have seen.
    func obtain() throws -> StoreEntry {
        try run.obtain(identity(), "lookup table (\(part.name))", as: link, isRecorded: true) { folder, _ in
            let (tables, trials) = try tried(), variant = try chosen(trials)
            guard let table = tables[variant.name] else {
                throw Failure(.defect, "the chosen variant of the lookup table was not built", at: variant.name)
            }
            let frames = data.reference.map(data.layout.currentFrame)
            let answers = try table.predict(
                data.reference.map { data.layout.observation(of: $0, in: data.set) }, samples: 1, seed: Seed(0))
            let similarities = answers.map { $0[0].match?.similarity ?? -.infinity }
            let threshold = try settings.threshold.value(similarities: similarities, demonstrations: frames.map(\.demonstration))
            try TableFile.write(table.rows, threshold: threshold, layout: data.layout, to: "\(folder)/\(TableFile.name)")
            let calibration = zip(frames, similarities).map { CalibrationRow($0, data.names, similarity: $1, isFlagged: $1 < threshold) }
            try AtomicFile.write(Table(calibration).csv, to: "\(folder)/\(CalibrationRow.fileName)")
            let rows = trials.map { VariantRow($0, of: study.settings.rollouts.choiceStarts, isChosen: $0.variant == variant) }
            try AtomicFile.write(Table(rows).csv, to: "\(folder)/\(VariantRow.fileName)")
            for row in rows { run.log.info("lookup table (\(part.name)): \(row.text)") }
            run.log.info("lookup table (\(part.name)): \(variant.name), \(table.rowCount) rows, similarity threshold \(threshold)")
            return Self.files
        }
    }

    /// A table of every variant, and what it does.
    private func tried() throws -> (tables: [String: ActionLookupTable], trials: [VariantTrial]) {
        let error = ReferenceError(data: data, seed: study.settings.root / "alt" / "variants")
        var keys: [TableVariant.Key: (key: any ObservationKey, rows: ActionLookupTable.Rows)] = [:]
        for name in TableVariant.keys(part, settings) {
            let key = try key(name)
            keys[name] = (key, ActionLookupTable.Rows(key, set: data.set, layout: data.layout, windows: data.train))
        }
        var tables: [String: ActionLookupTable] = [:], trials: [VariantTrial] = []
        for variant in TableVariant.tried(part, settings) {
            guard let (key, rows) = keys[variant.key] else { continue }
            let table = ActionLookupTable(key: key, rows: rows, rule: variant.manner.rule(data.layout), pool: study.pool)
            try run.interruption.check()
            tables[variant.name] = table
            trials.append(VariantTrial(variant: variant, error: try error.value(of: table)))
        }
        guard let episodes = try episodes() else { return (tables, trials) }
        let successes = try episodes.successes(run) { variant in
            guard let table = tables[variant.name] else {
                throw Failure(.defect, "a candidate for the lookup table was not built", at: variant.name)
            }
            return table
        }
        for index in trials.indices { trials[index].successes = successes[trials[index].variant.name] }
        return (tables, trials)
    }

    private func chosen(_ trials: [VariantTrial]) throws -> TableVariant {
        if part != .main { return try main().variant() }
        guard let variant = VariantChoice.chosen(settings, trials), variant.fits(settings.threshold) else {
            throw Failure(
                .data, "a fixed threshold is a cosine, which this lookup table has none of", at: "alt.threshold.method",
                expected: "calibrated for alt.variant = \(settings.variant)", found: settings.threshold.method.rawValue,
                remedy: "set alt.threshold.method to calibrated, or alt.variant to one without the pose")
        }
        return variant
    }

    /// The variants' errors, and which was chosen.
    func variants() throws -> [VariantRow] { try VariantRow.read(obtain()) }

    /// What it is made of.
    func variant() throws -> TableVariant { try Self.variant(variants()) }

    private static func variant(_ rows: [VariantRow]) throws -> TableVariant {
        let name = rows.first(where: \.isChosen)?.variant ?? "none"
        guard let variant = TableVariant(named: name) else {
            throw Failure(
                .data, "the lookup table is of a variant that this program does not know", at: VariantRow.fileName,
                expected: TableVariant.known.map(\.name).joined(separator: ", "), found: name, remedy: "run again: it is made again")
        }
        return variant
    }

    func policy() throws -> ActionLookupTable {
        let entry = try obtain(), variant = try Self.variant(VariantRow.read(entry))
        let (rows, threshold) = try TableFile.read(
            try entry.data(TableFile.name), from: "\(entry.path)/\(TableFile.name)", rows: data.train.count, layout: data.layout,
            actionDimension: data.set.actionDimension)
        return ActionLookupTable(
            key: try key(variant.key), rows: rows, rule: variant.manner.rule(data.layout), threshold: threshold, pool: study.pool)
    }
}

/// A row of `calibration.csv`: the similarity of an unseen frame to its best row, by which the threshold is set.
struct CalibrationRow: Record {
    static let fileName = "calibration.csv"
    var demonstration = NamedDemonstration()
    var frame = 0
    var similarity = 0.0
    var isFlagged = false

    init() {}

    init(_ frame: FrameReference, _ names: DemonstrationNames, similarity: Double, isFlagged: Bool) {
        demonstration = names[frame.demonstration]
        self.frame = frame.frame
        self.similarity = similarity
        self.isFlagged = isFlagged
    }

    static var columns: [Column<CalibrationRow>] {
        [
            .demonstration(\.demonstration), Column("frame", \.frame), Column("similarity", \.similarity),
            Column("flagged", \.isFlagged),
        ]
    }
}

/// A row of `variants.csv`: what a variant did before the study, see `VariantTrial`.
struct VariantRow: Record {
    static let fileName = "variants.csv"
    var variant = "", key = "", manner = ""
    /// Root mean square, in normalised units.
    var error = 0.0
    /// Nil for what was not let loose.
    var successes: Int?, episodes: Int?
    var isChosen = false

    init() {}

    /// - Parameter episodes: of those that were let loose
    init(_ trial: VariantTrial, of episodes: Int, isChosen: Bool) {
        variant = trial.variant.name
        key = trial.variant.key.name
        manner = trial.variant.manner.rawValue
        error = trial.error
        successes = trial.successes
        self.episodes = trial.successes == nil ? nil : episodes
        self.isChosen = isChosen
    }

    /// In the log.
    fileprivate var text: String {
        var text = "\(variant), error on reference demonstrations \(error)"
        if let successes, let episodes { text += ", \(successes) of \(episodes) episodes succeed" }
        return text
    }

    static func read(_ entry: StoreEntry) throws -> [VariantRow] {
        let content = try CSVText.parse(String(decoding: entry.data(fileName), as: UTF8.self), name: "\(entry.path)/\(fileName)")
        return try rows(columns: content.columns, content.rows, file: "\(entry.path)/\(fileName)")
    }

    static var columns: [Column<VariantRow>] {
        [
            Column("variant", \.variant), Column("key", \.key), Column("manner", \.manner), Column("error", \.error),
            Column("successes", \.successes), Column("episodes", \.episodes), Column("chosen", \.isChosen),
        ]
    }
}
