import Basics
import Compute
import Policies

/// Builds the lookup table from clean training images and calibrates its threshold.
struct EmbedStage: Stage {
    let name = "embed"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "train-alt", of: context)
        fingerprint.add("threshold", context.settings.alt.threshold)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        try cache.data(context).set.cameras.isEmpty ? [] : [TableFile.path, "alt/calibration.csv"]
    }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context)
        guard !data.set.cameras.isEmpty else { return }
        let embedding = try StudyPolicies(data, context).embedding().embedding
        let rows = ActionLookupTable.Rows(embedding, set: data.set, layout: data.layout, windows: data.train)
        let demonstrations = rows.frames.map(\.demonstration)
        let threshold = try context.settings.similarityThreshold.value(
            rows: rows.embeddings, width: embedding.dimension, demonstrations: demonstrations)
        try FileSystem.makeFolder(context.runFolder.path("alt"))
        try TableFile.write(rows, threshold: threshold, layout: data.layout, to: context.runFolder.path(TableFile.path))
        var table = Table(columns: ["demonstration", "frame", "similarity", "flagged"])
        let similarities = SimilarityThreshold.leaveOneDemonstrationOut(
            rows: rows.embeddings, width: embedding.dimension, demonstrations: demonstrations)
        for (frame, similarity) in zip(rows.frames, similarities) {
            table.append([
                .integer(frame.demonstration), .integer(frame.frame), .number(similarity),
                Table.Cell(similarity < threshold),
            ])
        }
        try AtomicFile.write(table.csv, to: context.runFolder.path("alt/calibration.csv"))
        context.log.info("lookup table: \(rows.frames.count) rows, similarity threshold \(threshold)")
    }
}
