import Basics
import Compute
import Demonstrations
import Networks
import Policies
import Probes
import Runs
import Safetensors
import Training

/// Makes the policies of one part of a study from its data and checkpoints.
struct PolicyMaker {
    let study: Study
    let run: RunContext
    var part = StudyPart.main

    /// A policy that is asked, with its entry.
    struct Made {
        let entry: CatalogueEntry
        let policy: any Policy
    }

    /// Everything that is asked in the part, in the order of the CSV files.
    func asked() throws -> [Made] {
        try study.catalogue.entries.filter { $0.parts.contains(part) && $0.asked != .never }.compactMap { entry in
            try entry.make(self).map { Made(entry: entry, policy: $0) }
        }
    }

    /// The demonstrations as a view shows them, divided for the part.
    func data(_ view: ObservationView = .images) throws -> StudyData { try study.data(run, view: view, part: part) }

    private func hasCameras() throws -> Bool { try !data().set.cameras.isEmpty }

    /// A trained network under a sampler.
    /// - Parameter step: of a kept checkpoint; nil for the end of the training.
    func network(
        _ training: PolicyTraining, _ kind: DenoisingProcess.Kind, step: Int? = nil
    ) throws -> DiffusionPolicy {
        let path = run.folder.path(training.model(step: step))
        let file = try Safetensors.read(path)
        let network = try emptyNetwork(training), parameters = network.store.makeBuffer()
        try network.store.load(
            file.tensors.filter { !$0.key.hasPrefix(Normalizer.tensorPrefix) }, into: parameters, from: path)
        return DiffusionPolicy(
            network: network, parameters: parameters, normalizer: try Normalizer(tensors: file),
            process: study.settings.sampler(kind), pool: study.pool)
    }

    /// The network of a training before it.
    func untrained(_ training: PolicyTraining) throws -> DiffusionPolicy {
        let network = try emptyNetwork(training)
        return DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(training.seed / "initial"),
            normalizer: try study.data(run, view: training.view).normalizer, process: study.settings.sampler(.ddim),
            pool: study.pool)
    }

    private func emptyNetwork(_ training: PolicyTraining) throws -> DiffusionNetwork {
        DiffusionNetwork(study.settings.diffusionNetwork(try study.data(run, view: training.view).set))
    }

    /// The policy under study by its fast sampler: what encodes observations and plans ahead for the monitors.
    func subject() throws -> DiffusionPolicy { try network(Trainings(study.settings).subject(0), .ddim) }

    /// The Action Lookup Table as the embed stage stored it; nil without cameras.
    func table() throws -> ActionLookupTable? {
        guard try hasCameras() else { return nil }
        return try LookupTables(data: try data(), study: study, run: run).table(part)
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
        guard try hasCameras() else { return nil }
        let data = try data()
        return InterpolatorPolicy(
            embedding: try LookupTables(data: data, study: study, run: run).embedding(part), set: data.set,
            layout: data.layout, windows: data.train)
    }
}

/// The Action Lookup Tables of a study: of the training demonstrations, and of the reference demonstrations for their
/// twin, each with an encoder of its own.
struct LookupTables {
    let data: StudyData
    let study: Study
    let run: RunContext

    static let parts: [StudyPart] = [.main, .twin]

    /// Folder below `checkpoints`, and stage in `metrics.csv`.
    static func trainer(_ part: StudyPart) -> String { part == .main ? "alt" : "alt-\(part.name)" }

    /// The table's file in the run's folder.
    static func path(_ part: StudyPart) -> String { part == .main ? "alt/table.safetensors" : "alt/table-\(part.name).safetensors" }

    /// The trained encoder.
    func embedding(_ part: StudyPart) throws -> ObservationEmbedding {
        let network = ContrastiveEncoder(study.settings.contrastiveNetwork(data.set))
        let parameters = network.store.makeBuffer()
        let path = run.folder.path("checkpoints/\(Self.trainer(part))/last/model.safetensors")
        try network.store.load(try Safetensors.read(path).tensors, into: parameters, from: path)
        return ObservationEmbedding(network, parameters: parameters, pool: study.pool)
    }

    /// The table as the embed stage stored it.
    func table(_ part: StudyPart) throws -> ActionLookupTable {
        let (rows, threshold) = try TableFile.read(run.folder.path(Self.path(part)))
        return ActionLookupTable(embedding: try embedding(part), rows: rows, threshold: threshold)
    }
}
