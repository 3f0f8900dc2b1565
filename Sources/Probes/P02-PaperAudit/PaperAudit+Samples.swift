import Basics

extension PaperAudit {
    static let sampleColumns = [
        "policy", "condition", "observation", "demonstration", "frame", "sample", "d1", "d2", "s", "ratio", "gap",
        "nearest_demonstration", "nearest_frame", "second_demonstration", "second_frame", "matched_demonstration",
        "matched_frame", "similarity", "out_of_distribution",
    ]

    /// One row per generated chunk, under `sampleColumns`.
    static func append(_ evaluated: EvaluatedChunks, to table: inout Table, _ context: ProbeContext) {
        let generated = evaluated.generated
        let near = evaluated.toTrain
        let train = context.train
        func integer(_ value: Int?) -> Table.Cell { value.map { .integer($0) } ?? .missing }
        for row in 0..<evaluated.count {
            let match = generated.match[row]
            let second = near.secondIndex[row]
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                .integer(generated.sample[row]), Table.Cell(near.distance[row]), Table.Cell(near.secondDistance[row]),
                Table.Cell(evaluated.score[row]), .number(evaluated.ratio[row]), .number(1 - evaluated.ratio[row]),
                .integer(near.recalledDemonstration[row]), .integer(train.frame[near.index[row]]),
                integer(second.map { train.demonstration[$0] }), integer(second.map { train.frame[$0] }),
                integer(match.map { train.demonstration[$0.trainChunk] }),
                integer(match.map { train.frame[$0.trainChunk] }),
                match.map { Table.Cell($0.similarity) } ?? .missing,
                generated.outOfDistribution[row].map { Table.Cell($0) } ?? .missing,
            ])
        }
    }
}
