import Basics
import Policies

/// The best matches of the lookup table for every observation asked about, as a table.
struct LookupMatches {
    let data: StudyData
    let table: ActionLookupTable
    let count: Int

    func table(_ conditions: [QueryCondition]) throws -> Table {
        var result = Table(columns: [
            "condition", "observation", "demonstration", "frame", "rank", "matched_demonstration", "matched_frame",
            "similarity", "flagged",
        ])
        for condition in conditions {
            let answers = try table.predict(
                condition.observations, samples: min(count, table.rowCount), seed: Seed(0))
            for (observation, predictions) in answers.enumerated() {
                for (rank, prediction) in predictions.enumerated() {
                    guard let match = prediction.match else { continue }
                    result.append([
                        .text(condition.name), .integer(observation),
                        .integer(condition.frames[observation].demonstration),
                        .integer(condition.frames[observation].frame), .integer(rank + 1),
                        .integer(match.frame.demonstration), .integer(match.frame.frame), .number(match.similarity),
                        prediction.isOutOfDistribution.map { Table.Cell($0) } ?? .missing,
                    ])
                }
            }
        }
        return result
    }
}
