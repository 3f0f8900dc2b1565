import Basics

/// The distance between two action sequences: root mean square over the H x D entries after each action dimension is
/// divided by max(its standard deviation over the training chunks, floor).
///
/// The floor keeps a dimension that is nothing but noise (wrist roll in Lift: standard deviation 0.02) from weighing
/// as much as the reach. Distances are therefore in training standard deviations.
public struct ChunkMetric: Sendable {
    /// What each action dimension is divided by.
    public let scale: [Float]  // [D]

    /// - Parameter scale: one positive divisor per action dimension.
    public init(scale: [Float]) {
        precondition(scale.allSatisfy { $0 > 0 }, "scales \(scale) must be positive")
        self.scale = scale
    }

    /// Fits the scale on training chunks (population standard deviation over rows and steps).
    /// - Throws: `Failure` when there are no chunks or a value is not finite.
    public static func fit(_ train: Chunks, floor: Float = 0.1) throws -> ChunkMetric {
        precondition(floor > 0, "floor \(floor) must be positive")
        try train.validate(as: "train", horizon: train.horizon, actionDimension: train.actionDimension)
        let dimensions = train.actionDimension
        let entries = Double(train.count * train.horizon)
        var sums = [Double](repeating: 0, count: dimensions)
        for (index, value) in train.values.enumerated() { sums[index % dimensions] += Double(value) }
        var squares = [Double](repeating: 0, count: dimensions)
        for (index, value) in train.values.enumerated() {
            let centred = Double(value) - sums[index % dimensions] / entries
            squares[index % dimensions] += centred * centred
        }
        return ChunkMetric(scale: squares.map { max(Float(($0 / entries).squareRoot()), floor) })
    }

    /// The chunks divided by the scale, ready for distances.
    public func scaled(_ chunks: Chunks) -> ScaledChunks {
        precondition(
            chunks.actionDimension == scale.count, "\(chunks.actionDimension) actions for \(scale.count) scales")
        return ScaledChunks(
            vectors: RowVectors(
                values: chunks.values.enumerated().map { $1 / scale[$0 % scale.count] }, width: chunks.width),
            demonstration: chunks.demonstration)
    }
}

/// Chunks in units of a `ChunkMetric`; only made by it, so that no probe scales twice or not at all.
public struct ScaledChunks: Sendable {
    let vectors: RowVectors  // [n, H * D]
    public let demonstration: [Int]  // [n]

    public var count: Int { vectors.count }

    /// Distance between a row here and a row of `other`.
    public func distance(_ row: Int, to otherRow: Int, of other: ScaledChunks) -> Float {
        vectors.rootMeanSquare(row, to: otherRow, of: other.vectors)
    }
}
