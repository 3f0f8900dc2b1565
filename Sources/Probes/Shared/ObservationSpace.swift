import Basics

/// Observations as points of one space, for instance an encoder's: the training windows' and every condition's.
public struct ObservationSpace: Sendable {
    /// Where the features come from: `pixels`, `pose`, `true state`, `diffusion encoder`, `alt encoder`, ...
    public let name: String
    public let width: Int
    /// One row beside each training chunk.
    public let train: [Float]  // [n, F]
    /// By condition, one row per observation, as numbered by `GeneratedChunks.observation`.
    public let conditions: [String: [Float]]  // [observations, F]

    public init(name: String, width: Int, train: [Float], conditions: [String: [Float]] = [:]) {
        for values in [train] + conditions.values {
            precondition(
                width > 0 && values.count.isMultiple(of: width), "\(values.count) values in \(name) rows of \(width)")
        }
        self.name = name
        self.width = width
        self.train = train
        self.conditions = conditions
    }

    /// The training windows' points.
    var table: RowVectors { RowVectors(values: train, width: width) }

    /// The points of one condition's observations; nil where the condition has none in this space.
    func points(_ condition: String) -> RowVectors? { conditions[condition].map { RowVectors(values: $0, width: width) } }
}
