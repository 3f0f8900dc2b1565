import Basics
import Networks
import Policies
import Runs
import Safetensors

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
