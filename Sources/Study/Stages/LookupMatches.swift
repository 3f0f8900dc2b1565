import Basics
import Policies
import Probes

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
