import Basics
import Demonstrations
import Policies
import Probes
import Runs
import Safetensors

/// Builds the lookup tables from clean training images and calibrates their thresholds on the reference demonstrations,
/// which neither the table nor its encoder has seen.
struct EmbedStage: Stage {
    let name = "embed"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "train-alt", of: run)
        try fingerprint.add("threshold", study.settings.alt.threshold)
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try study.data(run).set.cameras.isEmpty ? [] : LookupTables.parts.map(LookupTables.path) + ["alt/calibration.csv"]
    }

    func run(_ run: RunContext) throws {
        let data = try study.data(run)
        guard !data.set.cameras.isEmpty else { return }
        try FileSystem.makeFolder(run.folder.path("alt"))
        for part in LookupTables.parts {
            let calibration = try build(part, study.data(run, part: part), run)
            if part == .main { try AtomicFile.write(calibration.csv, to: run.folder.path("alt/calibration.csv")) }
        }
    }

    /// - Returns: the similarities the threshold was set by.
    private func build(_ part: StudyPart, _ data: StudyData, _ run: RunContext) throws -> Table {
        let embedding = try LookupTables(data: data, study: study, run: run).embedding(part)
        let rows = ActionLookupTable.Rows(embedding, set: data.set, layout: data.layout, windows: data.train)
        let frames = data.reference.map(data.layout.currentFrame)
        let answers = try ActionLookupTable(embedding: embedding, rows: rows, threshold: -1).predict(
            data.reference.map { data.layout.observation(of: $0, in: data.set) }, samples: 1, seed: Seed(0))
        let similarities = answers.map { $0[0].match?.similarity ?? -1 }
        let threshold = try study.settings.alt.threshold.value(
            similarities: similarities, demonstrations: frames.map(\.demonstration))
        try TableFile.write(
            rows, threshold: threshold, layout: data.layout, to: run.folder.path(LookupTables.path(part)))
        run.log.info("lookup table (\(part.name)): \(rows.frames.count) rows, similarity threshold \(threshold)")
        var table = Table(columns: ["demonstration", "frame", "similarity", "flagged"])
        for (frame, similarity) in zip(frames, similarities) {
            table.append([
                .integer(frame.demonstration), .integer(frame.frame), .number(similarity), Table.Cell(similarity < threshold),
            ])
        }
        return table
    }
}

/// The best matches of the lookup table for every observation asked about, as a table.
struct LookupMatches {
    let data: StudyData
    let table: ActionLookupTable
    let count: Int

    func table(_ conditions: [QueryCondition]) throws -> Table {
        Table(
            try conditions.flatMap { condition in
                let answers = try table.predict(
                    condition.observations, samples: min(count, table.rowCount), seed: Seed(0))
                return answers.enumerated().flatMap { observation, predictions in
                    predictions.enumerated().compactMap { rank, prediction in
                        prediction.match.map { match in
                            MatchRow(
                                condition: condition.condition, observation: observation,
                                demonstration: condition.frames[observation].demonstration,
                                frame: condition.frames[observation].frame, rank: rank + 1,
                                matchedDemonstration: match.frame.demonstration, matchedFrame: match.frame.frame,
                                similarity: match.similarity, isFlagged: prediction.isOutOfDistribution)
                        }
                    }
                }
            })
    }
}

/// A row of `alt_matches`.
private struct MatchRow: Record {
    var condition = Condition("")
    var observation = 0, demonstration = 0, frame = 0, rank = 0
    var matchedDemonstration = 0, matchedFrame = 0
    var similarity = 0.0
    var isFlagged: Bool?

    static var columns: [Column<MatchRow>] {
        [
            Column("condition", \.condition), Column("observation", \.observation), Column("demonstration", \.demonstration),
            Column("frame", \.frame), Column("rank", \.rank), Column("matched_demonstration", \.matchedDemonstration),
            Column("matched_frame", \.matchedFrame), Column("similarity", \.similarity), Column("flagged", \.isFlagged),
        ]
    }
}
