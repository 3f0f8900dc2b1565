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
    /// An encoder of the lookup table, or one like it that was trained for something else.
    case encoder(EncoderTraining.Recipe)
    /// The lookup table with its variant, encoder and threshold.
    case table
    /// The levels of flow matching and its steps back.
    case flowMatching
    /// The width of the sampled exact denoiser's kernel.
    case exactBandwidth
    /// The encoder of the lookup table before its training.
    case untrainedEncoder
    /// A state of the policy of an audit, under its own sampler or another.
    case audited(OpenedSubject.State)
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
    /// What its policies are asked on; nil for the study's pool.
    var threads: WorkerPool?

    var pool: WorkerPool { threads ?? study.pool }
    private var settings: Settings { study.settings }

    /// The demonstrations as a view shows them, divided for the part.
    func data(_ view: ObservationView = .images) throws -> StudyData { try study.data(run, view: view, part: part) }

    func hasCameras() throws -> Bool { try !data().set.cameras.isEmpty }

    /// Whether a lookup table is made: it needs cameras, and an audit may do without.
    func hasTable() throws -> Bool { try hasCameras() && settings.tableParts.contains(.main) }

    /// A trained network under a sampler.
    /// - Parameter step: of a kept checkpoint; nil for the end of the training.
    func network(_ training: PolicyTraining, _ kind: DenoisingProcess.Kind, step: Int? = nil) throws -> DiffusionPolicy {
        try network(training, sampler(kind), step: step)
    }

    /// A trained network under a process.
    func network(_ training: PolicyTraining, _ process: any GenerativeProcess, step: Int? = nil) throws -> DiffusionPolicy {
        let network = try emptyNetwork(training), (parameters, normalizer) = try weights(training, of: network.store, step: step)
        return DiffusionPolicy(network: network, parameters: parameters, normalizer: normalizer, process: process, pool: pool)
    }

    /// A trained transformer.
    func actionChunking(_ training: PolicyTraining) throws -> ActionChunkingPolicy {
        let network = ActionChunkingNetwork(settings.actionChunkingNetwork(try study.data(run, view: training.view).set))
        let (parameters, normalizer) = try weights(training, of: network.store, step: nil)
        return ActionChunkingPolicy(network: network, parameters: parameters, normalizer: normalizer, pool: pool)
    }

    /// What a training made of the parameters in a network's store.
    private func weights(
        _ training: PolicyTraining, of store: ParameterStore, step: Int?
    ) throws -> (parameters: FloatBuffer, normalizer: Normalizer) {
        declared {
            if case .training(let own, let ownStep) = $0 { own(part).name == training.name && ownStep == step } else { false }
        }
        if isUntrained { return try initialWeights(training, of: store) }
        let entry = try study.trained(training, run), file = TrainingFiles.model(step: step), place = "\(entry.path)/\(file)"
        let tensors = try Safetensors.decode(try entry.data(file), from: place), parameters = store.makeBuffer()
        try store.load(tensors.tensors.filter { !$0.key.hasPrefix(Normalizer.tensorPrefix) }, into: parameters, from: place)
        return (parameters, try Normalizer(tensors: tensors))
    }

    private func initialWeights(
        _ training: PolicyTraining, of store: ParameterStore
    ) throws -> (parameters: FloatBuffer, normalizer: Normalizer) {
        (store.makeInitialized(training.seed / "initial"), try study.data(run, view: training.view).normalizer)
    }

    /// The network of a training before it.
    func untrained(_ training: PolicyTraining) throws -> DiffusionPolicy {
        let network = try emptyNetwork(training), (parameters, normalizer) = try initialWeights(training, of: network.store)
        return DiffusionPolicy(network: network, parameters: parameters, normalizer: normalizer, process: sampler(.ddim), pool: pool)
    }

    private func emptyNetwork(_ training: PolicyTraining) throws -> DiffusionNetwork {
        DiffusionNetwork(settings.diffusionNetwork(try study.data(run, view: training.view).set, training.view))
    }

    func sampler(_ kind: DenoisingProcess.Kind) -> DenoisingProcess {
        declared { if case .sampler(kind) = $0 { true } else { false } }
        return settings.sampler(kind)
    }

    var flowMatching: FlowMatchingProcess {
        declared { if case .flowMatching = $0 { true } else { false } }
        return settings.flowMatching.process
    }

    var exactBandwidth: Double {
        declared { if case .exactBandwidth = $0 { true } else { false } }
        return settings.probes.exactBandwidth
    }

    /// The policy under study by its fast sampler: what encodes observations and plans ahead for the monitors; nil where an audited
    /// policy cannot be looked into.
    func subject() throws -> DiffusionPolicy? {
        guard let audit = settings.audit else { return try network(Trainings(settings).subject(0), .ddim) }
        guard audit.isNetwork else { return nil }
        return try auditedNetwork(OpenedSubject.State(sampling: audit.fastSampling))
    }

    /// The policy of an audit.
    func audited(_ state: OpenedSubject.State) throws -> any Policy {
        declared { if case .audited(let own) = $0 { own == state } else { false } }
        return try study.audited(state, run)
    }

    func auditedNetwork(_ state: OpenedSubject.State = OpenedSubject.State()) throws -> DiffusionPolicy {
        guard let network = try audited(state) as? DiffusionPolicy else {
            throw Failure(.defect, "the policy of an audit has no network to look into", at: settings.audit?.policy)
        }
        return network
    }

    /// The denoising process of a network.
    func denoising(of network: DiffusionPolicy) throws -> DenoisingProcess {
        guard let process = network.process as? DenoisingProcess else {
            throw Failure(.defect, "a network does not denoise", found: "\(type(of: network.process))")
        }
        return process
    }

    /// The process of the network under study, by which its training mixed sequences and noise.
    func subjectProcess() throws -> DenoisingProcess {
        guard settings.audit != nil else { return settings.sampler(.ddpm) }
        return try denoising(of: auditedNetwork())
    }

    /// The Action Lookup Table; nil where there is none.
    func table() throws -> ActionLookupTable? {
        declared { if case .table = $0 { true } else { false } }
        guard try hasTable() else { return nil }
        return try lookup().policy()
    }

    private func lookup() throws -> LookupTable { LookupTable(part: part, data: try data(), study: study, run: run) }

    /// What each variant of the table did before the study; none without a table.
    func variantErrors() throws -> [TableVariantError] {
        guard try hasTable() else { return [] }
        return try lookup().variants().map {
            TableVariantError(variant: $0.variant, error: $0.error, successes: $0.successes, episodes: $0.episodes, isChosen: $0.isChosen)
        }
    }

    /// Nil without cameras.
    func nearestPixels() throws -> NearestFramePolicy? {
        guard try hasCameras() else { return nil }
        let data = try data()
        return NearestFramePolicy(
            set: data.set, layout: data.layout, windows: data.train, normalizer: nil, pool: pool)
    }

    /// The kernel policy on the published embedding; nil without cameras.
    func kernel() throws -> InterpolatorPolicy? {
        guard try hasCameras() else { return nil }
        let data = try data()
        return InterpolatorPolicy(embedding: try embedding(), set: data.set, layout: data.layout, windows: data.train)
    }

    /// The table's encoder before its training, at the weights that it starts from.
    func untrainedEmbedding() throws -> ObservationEmbedding {
        declared { if case .untrainedEncoder = $0 { true } else { false } }
        let network = ContrastiveEncoder(settings.contrastiveNetwork(try data().set))
        return ObservationEmbedding(network, parameters: network.store.makeInitialized(untrainedSeed), pool: pool)
    }

    private var untrainedSeed: Seed { settings.root / "untrained" }

    /// A table of the training windows under a key, with no monitor.
    func table(_ key: any ObservationKey, _ rule: RetrievalRule = RetrievalRule(), view: ObservationView = .images) throws -> ActionLookupTable {
        let data = try data(view)
        return ActionLookupTable(
            key: key, rows: ActionLookupTable.Rows(key, set: data.set, layout: data.layout, windows: data.train), rule: rule, pool: pool)
    }

    /// A variant of the lookup table, with no monitor.
    func table(_ variant: TableVariant) throws -> ActionLookupTable {
        try table(key(variant.key), variant.manner.rule(try data().layout))
    }

    func key(_ key: TableVariant.Key) throws -> any ObservationKey {
        declared { if case .encoder(key.encoder) = $0 { true } else { false } }
        return try lookup().key(key)
    }

    /// The published embedding.
    func embedding() throws -> ObservationEmbedding {
        declared { if case .encoder(.published) = $0 { true } else { false } }
        return try lookup().embedding()
    }

    private func declared(_ isSource: (PolicySource) -> Bool) {
        precondition(sources?.contains(where: isSource) ?? true, "a policy uses what its catalogue entry does not declare as a source")
    }
}

/// What a policy's answers are decided by, as a fingerprint.
extension PolicyMaker {
    /// The policy's name and its sources, each by what it is, and the demonstrations of the part.
    func add(_ entry: CatalogueEntry, to fingerprint: inout Fingerprint) throws {
        fingerprint.add("policy", text: entry.id.name)
        for (index, source) in entry.sources.enumerated() { fingerprint.add("source \(index)", text: try text(of: source)) }
        fingerprint.add("data", text: try study.digest("data \(part.name)") { try data().fingerprint })
    }

    private func text(of source: PolicySource) throws -> String {
        switch source {
        case .training(let training, let step):
            let training = training(part), data = try study.data(run, view: training.view, part: training.part)
            let digest = try study.digest("training \(training.name)") { try training.identity(settings, data).fingerprint }
            return "\(digest) at step \(step ?? training.steps)"
        case .sampler(let kind):
            let noise = settings.diffusion.noise
            return "\(kind), \(settings.diffusion.samplers.steps(kind)) of \(noise.steps) steps, \(noise.clip ? "clipped" : "not clipped")"
        case .encoder(let recipe):
            let training = EncoderTraining(part: part, recipe: recipe, settings: settings)
            return try study.digest("encoder \(training.name)") { try training.identity(data()).fingerprint }
        case .table:
            return try study.digest("table \(part.name)") {
                try lookup().identity().fingerprint
            }
        case .audited(let state):
            return try study.digest("audited \(state)") {
                let sampler = state.sampling.map { "\($0.kind), \($0.steps ?? 0) steps" } ?? "its own sampler"
                let subject = try settings.audit.flatMap { audit in try state.checkpoint.map { try OpenedSubject.open(settings, audit, checkpoint: $0) } } ?? study.subject()
                var fingerprint = Fingerprint()
                fingerprint.add("policy", text: subject.map { "\($0.identity), \($0.manner), \(sampler)" } ?? "not there yet")
                return fingerprint
            }
        case .flowMatching:
            return "flow matching, \(settings.flowMatching.samplingSteps) of \(settings.flowMatching.levels) levels"
        case .exactBandwidth: return "\(settings.probes.exactBandwidth)"
        case .untrainedEncoder:
            return "\(try settings.alt.encoder.network.resolvedYAML()), \(try settings.image.resolvedYAML()), seed \(untrainedSeed.value)"
        }
    }
}
