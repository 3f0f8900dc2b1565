import Basics

/// Where the points of observations come from; the name stands in tables.
public struct Space: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }
    /// In figures and reports.
    public var label: String {
        switch self {
        case .tableEncoder: "ALT's encoder"
        case .subjectEncoder: "the policy's encoder"
        default: name
        }
    }

    /// All cameras at the last step.
    public static let pixels = Space("pixels")
    /// What the lookup table compares observations by.
    public static let tableEncoder = Space("alt encoder")
    /// What the encoder of the policy under study makes of it.
    public static let subjectEncoder = Space("diffusion encoder")
    /// The policy's low-dim values at the last step.
    public static let pose = Space("pose")
    /// Low-dim values that include the task's objects.
    public static let trueState = Space("true state")
}

extension Space: CellValue {
    public var cell: Table.Cell { .text(name) }
    public init?(cell text: String) { self.init(text) }
    public static var form: String { "a space of observations" }
}

/// Observations as points of one space, for instance an encoder's: the training windows' and every condition's.
public struct ObservationSpace: Sendable {
    public let space: Space
    public let width: Int
    /// One row beside each training chunk.
    public let train: [Float]  // [n, F]
    /// By condition, one row per observation, as numbered by `GeneratedChunks.observation`.
    public let conditions: [Condition: [Float]]  // [observations, F]

    public init(space: Space, width: Int, train: [Float], conditions: [Condition: [Float]] = [:]) {
        for values in [train] + conditions.values {
            precondition(
                width > 0 && values.count.isMultiple(of: width), "\(values.count) values in \(space) rows of \(width)")
        }
        self.space = space
        self.width = width
        self.train = train
        self.conditions = conditions
    }

    public var name: String { space.name }

    /// The training windows' points.
    var table: RowVectors { RowVectors(values: train, width: width) }

    /// The points of one condition's observations; nil where the condition has none in this space.
    func points(_ condition: Condition) -> RowVectors? { conditions[condition].map { RowVectors(values: $0, width: width) } }
}

extension ObservationSpace {
    /// `NeighbourSpacing` of the training windows; infinite when all are of one demonstration.
    func neighbourSpacing(demonstration: [Int], pool: WorkerPool) -> Double {
        let table = table, asked = NeighbourSpacing.asked(of: table.count)
        let nearest = pool.map(count: asked.count) { index in
            NeighbourSpacing.nearest(
                asked[index], demonstration: demonstration,
                distances: table.squaredDistances(to: asked[index], of: table).map { Double($0).squareRoot() })
        }
        return NeighbourSpacing.median(nearest) ?? .infinity
    }

    /// Squared distances of each of a condition's observations to every training window; nil where it has no points.
    func squaredDistances(_ condition: Condition, pool: WorkerPool) -> [[Float]]? {
        guard let points = points(condition) else { return nil }
        let table = table
        return pool.map(count: points.count) { table.squaredDistances(to: $0, of: points) }
    }
}
