import Basics

/// The scores of P03 that need only distances of a set of chunks to train and reference.
struct DistanceScores: Sendable {
    /// 1 where the training set is nearer than the reference, 0.5 at a tie, 0 otherwise; empty without a reference.
    let closer: [Double]
    /// D12 of each row's nearest training chunk.
    let spacing: [Float]
    /// Rows farther from their nearest training chunk than that is from any other demonstration.
    let isAuthentic: [Bool]
    let share: Estimate
    let oneThird: Estimate
    let memorizedArea: Estimate
    let authentic: Estimate
    let curve: MemorizationCurve

    init(_ evaluated: EvaluatedChunks, _ context: ProbeContext) {
        let near = evaluated.toTrain
        let closer = evaluated.closerToTrain
        let spacing = near.index.map { context.trainNeighbours.distance[$0] }
        let isAuthentic = zip(near.distance, spacing).map { $0 > $1 }
        let ratio = evaluated.ratio
        let oneThird = ratio.map { $0 < 1.0 / 3 ? 1.0 : 0 }
        let authentic = isAuthentic.map { $0 ? 1.0 : 0 }
        let bootstrap = evaluated.bootstrap("p03", in: context)
        let estimates = bootstrap.estimates { weights in
            [
                weightedMean(closer, weights), weightedMean(oneThird, weights), 1 - weightedMean(ratio, weights),
                weightedMean(authentic, weights),
            ]
        }
        self.closer = closer
        self.spacing = spacing
        self.isAuthentic = isAuthentic
        share = estimates[0]
        self.oneThird = estimates[1]
        memorizedArea = estimates[2]
        self.authentic = estimates[3]
        curve = MemorizationCurve(ratio, bootstrap: bootstrap)
    }
}

extension CalibratedMemorization {
    static let sampleColumns = [
        "policy", "condition", "observation", "demonstration", "frame", "sample", "phase", "d_train", "d_reference",
        "closer", "d_truth_train", "d12", "authentic",
    ]

    /// One row per generated chunk, under `sampleColumns`.
    static func append(
        _ evaluated: EvaluatedChunks, _ scores: DistanceScores, to table: inout Table, _ context: ProbeContext
    ) {
        let generated = evaluated.generated
        for row in 0..<evaluated.count {
            table.append([
                .text(evaluated.policy), .text(evaluated.condition), .integer(generated.observation[row]),
                .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                .integer(generated.sample[row]), generated.truth.map { .text($0.phase[row]) } ?? .missing,
                Table.Cell(evaluated.toTrain.distance[row]),
                evaluated.toReference.map { Table.Cell($0.distance[row]) } ?? .missing, .number(scores.closer[row]),
                evaluated.truthToTrain.map { Table.Cell($0.distance[row]) } ?? .missing,
                Table.Cell(scores.spacing[row]), Table.Cell(scores.isAuthentic[row]),
            ])
        }
    }
}
