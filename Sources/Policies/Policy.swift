import Basics
import Demonstrations

/// A training frame a policy says it recalled.
public struct Match: Sendable, Equatable {
    public let frame: FrameReference
    /// Cosine of query and table row for the Action Lookup Table; negative distance for the other lookups.
    public let similarity: Double

    public init(frame: FrameReference, similarity: Double) {
        self.frame = frame
        self.similarity = similarity
    }
}

/// One action sequence a policy returns, always of this type: a policy without a table has no match, one without a
/// monitor no flag.
public struct Prediction: Sendable, Equatable {
    public let actions: [Float]  // [T, A], raw units
    public let match: Match?
    public let isOutOfDistribution: Bool?

    public init(actions: [Float], match: Match? = nil, isOutOfDistribution: Bool? = nil) {
        self.actions = actions
        self.match = match
        self.isOutOfDistribution = isOutOfDistribution
    }
}

/// Observation history in, action sequences out.
///
/// Sequences span a window (`WindowLayout`): the first entry is the action of the first observed step.
public protocol Policy: Sendable {
    /// Whether repeated samples of one observation differ.
    var isStochastic: Bool { get }
    /// Whether an answer depends on what was answered before in the same episode (`Observation.episode`).
    var remembersEpisode: Bool { get }
    /// - Parameter seeds: one for each observation; the draws of sample s of observation i come from `seeds[i] / s`, so that an
    ///   answer does not depend on what else is asked at once.
    /// - Returns: [observation][sample]; the samples of a deterministic policy are its best, second best ... answer
    ///   where it has several, else equal.
    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]]
}

extension Policy {
    public var remembersEpisode: Bool { false }

    /// Observation i is asked with `seed / i`.
    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
        try predict(observations, samples: samples, seeds: observations.indices.map { seed / $0 })
    }
}

/// What one query works with, counted.
public struct QueryCost: Sendable, Equatable {
    /// Bytes of parameters, activations and stored demonstrations.
    public let memoryBytes: Int
    public let parameters: Int
    /// Bytes of stored demonstrations; 0 for a network alone.
    public let tableBytes: Int
    /// Multiply-accumulates.
    public let macs: Int
    /// Passes through the denoiser; 1 for a lookup.
    public let inferenceSteps: Int
}

/// A policy that can say what a query costs.
public protocol CountedPolicy: Policy {
    var cost: QueryCost { get }
}
