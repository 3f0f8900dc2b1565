import Basics
import Compute
import Demonstrations
import Networks
import Policies
import Probes
import Runs
import Safetensors
import Store
import Training

/// What a policy's answers depend on, beside the demonstrations and the observations.
enum PolicySource: Sendable {
    /// The weights of a training; at a kept step, or at its end.
    case training(@Sendable (StudyPart) -> PolicyTraining, step: Int? = nil)
    /// A sampler of the denoising process.
    case sampler(DenoisingProcess.Kind)
    /// The encoder of the lookup table.
    case encoder
    /// The lookup table with its encoder and threshold.
    case table
    /// The width of the sampled exact denoiser's kernel.
    case exactBandwidth
}

/// Makes the policies of one part of a study. What it gives must be among the policy's declared sources, from which the
/// identity of the answers is made: what is not declared stops the program in its first run.
struct PolicyMaker {
    let study: Study
    let run: RunContext
    var part = StudyPart.main
    /// Of the policy that is made; nil where nothing is kept by identity.
    var sources: [PolicySource]?
    /// Whether networks are made before their training, to time them.
    var isUntrained = false

    private var settings: Settings { study.settings }

    /// The demonstrations as a view shows them, divided for the part.
    func data(_ view: ObservationView = .images) throws -> StudyData { try study.data(run, view: view, part: part) }

    func hasCameras() throws -> Bool { try !data().set.cameras.isEmpty }

    /// A trained network under a sampler.
    /// - Parameter step: of a kept checkpoint; nil for the end of the training.
    func network(
        _ training: PolicyTraining, _ kind: DenoisingProcess.Kind, step: Int? = nil
    ) throws -> DiffusionPolicy {
        declared {
            if case .training(let own, let ownStep) = $0 { own(part).name == training.name && ownStep == step } else { false }
        }
        if isUntrained { return try untrained(training, kind) }
        let entry = try study.trained(training, run), file = TrainingFiles.model(step: step), place = "\(entry.path)/\(file)"
        let tensors = try Safetensors.decode(try entry.data(file), from: place)
        let network = try emptyNetwork(training), parameters = network.store.makeBuffer()
        try network.store.load(
            tensors.tensors.filter { !$0.key.hasPrefix(Normalizer.tensorPrefix) }, into: parameters, from: place)
        return DiffusionPolicy(
            network: network, parameters: parameters, normalizer: try Normalizer(tensors: tensors),
            process: sampler(kind), pool: study.pool)
    }

    /// The network of a training before it.
    func untrained(_ training: PolicyTraining, _ kind: DenoisingProcess.Kind = .ddim) throws -> DiffusionPolicy {
        let network = try emptyNetwork(training)
        return DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(training.seed / "initial"),
            normalizer: try study.data(run, view: training.view).normalizer, process: sampler(kind), pool: study.pool)
    }

    private func emptyNetwork(_ training: PolicyTraining) throws -> DiffusionNetwork {
        DiffusionNetwork(settings.diffusionNetwork(try study.data(run, view: training.view).set))
    }

    func sampler(_ kind: DenoisingProcess.Kind) -> DenoisingProcess {
        declared { if case .sampler(kind) = $0 { true } else { false } }
        return settings.sampler(kind)
    }

    var exactBandwidth: Double {
        declared { if case .exactBandwidth = $0 { true } else { false } }
        return settings.probes.exactBandwidth
    }

    /// The policy under study by its fast sampler: what encodes observations and plans ahead for the monitors.
    func subject() throws -> DiffusionPolicy { try network(Trainings(settings).subject(0), .ddim) }

    /// The Action Lookup Table; nil without cameras.
    func table() throws -> ActionLookupTable? {
        declared { if case .table = $0 { true } else { false } }
        guard try hasCameras() else { return nil }
        return try LookupTable(part: part, data: data(), study: study, run: run).policy()
    }

    /// Nil without cameras.
    func nearestPixels() throws -> NearestFramePolicy? {
        guard try hasCameras() else { return nil }
        let data = try data()
        return NearestFramePolicy(
            set: data.set, layout: data.layout, windows: data.train, normalizer: nil, pool: study.pool)
    }

    /// The kernel policy on the table's embedding; nil without cameras.
    func kernel() throws -> InterpolatorPolicy? {
        declared { if case .encoder = $0 { true } else { false } }
        guard try hasCameras() else { return nil }
        let data = try data()
        return InterpolatorPolicy(
            embedding: try LookupTable(part: part, data: data, study: study, run: run).embedding(), set: data.set,
            layout: data.layout, windows: data.train)
    }

    private func declared(_ isSource: (PolicySource) -> Bool) {
        precondition(sources?.contains(where: isSource) ?? true, "a policy uses what its catalogue entry does not declare as a source")
    }
}

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
            let embedding = try embedding()
            let rows = ActionLookupTable.Rows(embedding, set: data.set, layout: data.layout, windows: data.train)
            let frames = data.reference.map(data.layout.currentFrame)
            let answers = try ActionLookupTable(embedding: embedding, rows: rows, threshold: -1).predict(
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
        return ActionLookupTable(embedding: try embedding(), rows: rows, threshold: threshold)
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
