import Basics
import Demonstrations
import Policies
import Probes
import Runs
import Store

/// Builds the lookup tables from clean training images, chooses what they are made of, and calibrates their thresholds on the
/// reference demonstrations, which neither the tables nor their encoders have seen.
struct EmbedStage: Stage {
    let name = StageName.embed
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.encoders, of: run)
        for table in try tables(run) { fingerprint.add(table.part.name, text: run.store.name(try table.identity())) }
        return fingerprint
    }

    private func tables(_ run: RunContext) throws -> [LookupTable] {
        guard try !study.data(run).set.cameras.isEmpty else { return [] }
        return try study.settings.tableParts.map { LookupTable(part: $0, data: try study.data(run, part: $0), study: study, run: run) }
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try tables(run).flatMap { table in LookupTable.files.map { "\(table.link)/\($0)" } }
    }

    func run(_ run: RunContext) throws {
        for table in try tables(run) where try table.obtain().wasFound { run.log.info("lookup table (\(table.part.name)): found") }
    }
}

/// The best matches of the lookup table for every observation asked about, as a table.
struct LookupMatches {
    let data: StudyData
    let table: ActionLookupTable
    let count: Int

    func table(_ conditions: [QueryCondition]) throws -> Table {
        let names = data.names
        return Table(
            try conditions.flatMap { condition in
                let answers = try table.predict(
                    condition.observations, samples: min(count, table.rowCount), seed: Seed(0))
                return answers.enumerated().flatMap { observation, predictions in
                    predictions.enumerated().compactMap { rank, prediction in
                        prediction.match.map { match in
                            MatchRow(
                                condition: condition.condition, observation: observation, frame: condition.frames[observation].frame,
                                rank: rank + 1, matchedFrame: match.frame.frame,
                                demonstration: names[condition.frames[observation].demonstration],
                                matchedDemonstration: names[match.frame.demonstration], similarity: match.similarity, isFlagged: prediction.isOutOfDistribution)
                        }
                    }
                }
            })
    }
}

/// A row of `alt_matches`.
private struct MatchRow: Record {
    var condition = Condition("")
    var observation = 0, frame = 0, rank = 0, matchedFrame = 0
    var demonstration = NamedDemonstration(), matchedDemonstration = NamedDemonstration()
    var similarity = 0.0
    var isFlagged: Bool?

    static var columns: [Column<MatchRow>] {
        [
            Column("condition", \.condition), Column("observation", \.observation), .demonstration(\.demonstration),
            Column("frame", \.frame), Column("rank", \.rank), .demonstration("matched_", \.matchedDemonstration),
            Column("matched_frame", \.matchedFrame), Column("similarity", \.similarity), Column("flagged", \.isFlagged),
        ]
    }
}
