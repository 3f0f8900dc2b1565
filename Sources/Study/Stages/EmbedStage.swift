import Basics
import Compute
import Policies

/// Builds the lookup tables from clean training images and calibrates their thresholds on the reference demonstrations,
/// which neither the table nor its encoder has seen.
struct EmbedStage: Stage {
    let name = "embed"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "train-alt", of: context)
        try fingerprint.add("threshold", context.settings.alt.threshold)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        try cache.data(context).set.cameras.isEmpty ? [] : LookupTables.parts.map(LookupTables.path) + ["alt/calibration.csv"]
    }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context)
        guard !data.set.cameras.isEmpty else { return }
        try FileSystem.makeFolder(context.runFolder.path("alt"))
        for part in LookupTables.parts {
            let calibration = try build(part, data.part(part), context)
            if part == .main { try AtomicFile.write(calibration.csv, to: context.runFolder.path("alt/calibration.csv")) }
        }
    }

    /// - Returns: the similarities the threshold was set by.
    private func build(_ part: StudyPart, _ data: StudyData, _ context: StudyContext) throws -> Table {
        let pool = WorkerPool(workers: context.settings.workers)
        let embedding = try LookupTables(data: data, context: context, pool: pool).embedding(part).embedding
        let rows = ActionLookupTable.Rows(embedding, set: data.set, layout: data.layout, windows: data.train)
        let frames = data.reference.map(data.layout.currentFrame)
        let answers = try ActionLookupTable(embedding: embedding, rows: rows, threshold: -1).predict(
            data.reference.map { data.layout.observation(of: $0, in: data.set) }, samples: 1, seed: Seed(0))
        let similarities = answers.map { $0[0].match?.similarity ?? -1 }
        let threshold = try context.settings.alt.threshold.value(
            similarities: similarities, demonstrations: frames.map(\.demonstration))
        try TableFile.write(
            rows, threshold: threshold, layout: data.layout, to: context.runFolder.path(LookupTables.path(part)))
        context.log.info("lookup table (\(part.name)): \(rows.frames.count) rows, similarity threshold \(threshold)")
        var table = Table(columns: ["demonstration", "frame", "similarity", "flagged"])
        for (frame, similarity) in zip(frames, similarities) {
            table.append([
                .integer(frame.demonstration), .integer(frame.frame), .number(similarity), Table.Cell(similarity < threshold),
            ])
        }
        return table
    }
}
