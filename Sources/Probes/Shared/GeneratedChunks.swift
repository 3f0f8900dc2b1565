import Basics

/// What a policy that looks things up says it recalled.
public struct RecalledMatch: Sendable, Equatable {
    /// Row of the training chunks.
    public var trainChunk: Int
    /// As the policy measures it; cosine for the action lookup table.
    public var similarity: Float
    /// The policy calls the observation out of distribution.
    public var flag: Bool

    public init(trainChunk: Int, similarity: Float, flag: Bool) {
        self.trainChunk = trainChunk
        self.similarity = similarity
        self.flag = flag
    }
}

/// What one policy produced under one condition, one row per sample.
///
/// Rows keep the OBSERVATION they answer: `chunks.demonstration` and `chunks.frame` (for a replaced image, the frame
/// whose pose was kept), `observation` (its number within the condition) and `sample`.
public struct GeneratedChunks: Sendable {
    public let policy: PolicyID
    public let condition: Condition
    public let chunks: Chunks
    public let observation: [Int]  // [n]
    public let sample: [Int]  // [n]
    public let match: [RecalledMatch?]  // [n]
    public let outOfDistribution: [Bool?]  // [n]
    /// The true chunk of each row's observation; nil where an observation has none (an image of a cat).
    public let truth: Chunks?
    /// The independent unit each row belongs to, resampled together by the bootstrap: the demonstration, or the
    /// picture where pictures are what was drawn.
    public let cluster: [Int]  // [n]
    /// What `cluster` counts, singular: `demonstration` or `picture`.
    public let unit: String

    /// - Parameters:
    ///   - match: by default none.
    ///   - outOfDistribution: by default the flags of `match`.
    ///   - cluster: by default the demonstration of each row's observation.
    public init(
        policy: PolicyID, condition: Condition, chunks: Chunks, observation: [Int], sample: [Int],
        match: [RecalledMatch?]? = nil, outOfDistribution: [Bool?]? = nil, truth: Chunks? = nil,
        cluster: [Int]? = nil, unit: String = "demonstration"
    ) {
        let match = match ?? [RecalledMatch?](repeating: nil, count: chunks.count)
        let flags = outOfDistribution ?? match.map { $0?.flag }
        let cluster = cluster ?? chunks.demonstration
        for (name, count) in [
            ("observations", observation.count), ("samples", sample.count), ("matches", match.count),
            ("flags", flags.count), ("clusters", cluster.count), ("true sequences", truth?.count ?? chunks.count),
        ] {
            precondition(count == chunks.count, "\(count) \(name) for \(chunks.count) chunks of \(policy)")
        }
        self.policy = policy
        self.condition = condition
        self.chunks = chunks
        self.observation = observation
        self.sample = sample
        self.match = match
        self.outOfDistribution = flags
        self.truth = truth
        self.cluster = cluster
        self.unit = unit
    }

    var location: String { "policy \(policy), condition \(condition)" }
}
