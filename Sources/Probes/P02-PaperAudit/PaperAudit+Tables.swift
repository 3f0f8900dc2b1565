import Basics

/// A row of `p02_samples`: one generated chunk.
struct PaperSample: ProbeTable {
    static let name = "p02_samples"
    var key = SampleKey()
    var d1: Float = 0, d2: Float = 0
    var score: Double?
    var ratio = 0.0, gap = 0.0
    /// i1 and i2, the nearest chunks of two demonstrations.
    var nearestDemonstration = NamedDemonstration(), secondDemonstration = NamedDemonstration()
    var nearestFrame = 0, secondFrame: Int?
    /// What a lookup says it recalled.
    var matchedDemonstration = NamedDemonstration(), matchedFrame: Int?
    var similarity: Float?
    var isOutOfDistribution: Bool?

    init() {}

    init(_ evaluated: EvaluatedChunks, _ row: Int, _ context: ProbeContext) {
        let near = evaluated.toTrain, train = context.train
        let match = evaluated.generated.match[row], second = near.secondIndex[row]
        key = SampleKey(evaluated, row)
        d1 = near.distance[row]
        d2 = near.secondDistance[row]
        score = evaluated.score[row]
        ratio = evaluated.ratio[row]
        gap = 1 - ratio
        nearestDemonstration = train.names[near.recalledDemonstration[row]]
        nearestFrame = train.frame[near.index[row]]
        secondDemonstration = train.names[second.map { train.demonstration[$0] }]
        secondFrame = second.map { train.frame[$0] }
        matchedDemonstration = train.names[match.map { train.demonstration[$0.trainChunk] }]
        matchedFrame = match.map { train.frame[$0.trainChunk] }
        similarity = match?.similarity
        isOutOfDistribution = evaluated.generated.outOfDistribution[row]
    }

    static var columns: [Column<PaperSample>] {
        [
            Column(\.key), Column("d1", \.d1), Column("d2", \.d2), Column("s", \.score), Column("ratio", \.ratio),
            Column("gap", \.gap), .demonstration("nearest_", \.nearestDemonstration),
            Column("nearest_frame", \.nearestFrame), .demonstration("second_", \.secondDemonstration),
            Column("second_frame", \.secondFrame), .demonstration("matched_", \.matchedDemonstration),
            Column("matched_frame", \.matchedFrame), Column("similarity", \.similarity),
            Column("out_of_distribution", \.isOutOfDistribution),
        ]
    }
}

/// A row of `p02_profile`: the rank-th nearest demonstration.
struct ProfileRow: ProbeTable {
    static let name = "p02_profile"
    var policy = ""
    var condition = Condition("")
    var rank = 0
    /// Over the median D12.
    var distance = Estimate(value: nil)
    var heldout: Double?

    static var columns: [Column<ProfileRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("rank", \.rank),
            .interval("distance_over_d12", \.distance), Column("heldout", \.heldout),
        ]
    }
}
