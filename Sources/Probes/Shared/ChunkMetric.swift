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

/// C_T of P03: distances of generated chunks to the training set against those of the true chunks there.
struct TruthProximity: Sendable, Codable {
    let phase: String
    /// Mann-Whitney Z, every row on its own: all samples against one true chunk per observation.
    let z: Double
    /// (area - 1/2) over its standard deviation, see `clusteredZ(area:replicates:units:)`; nil for fewer than two units.
    let clusteredZ: Double?
    /// P(d(â → T) > d(truth → T)) + P(tie)/2.
    let area: Estimate
    let generatedCount: Int
    let truthCount: Int
    let units: Int

    /// Nil where no row of the phase has a true chunk.
    init?(_ evaluated: EvaluatedChunks, phase: String?, _ context: ProbeContext) {
        guard let truth = evaluated.generated.truth, let truthToTrain = evaluated.truthToTrain else { return nil }
        let rows = (0..<evaluated.count).filter { phase == nil || truth.phase[$0] == phase }
        guard !rows.isEmpty else { return nil }
        let generated = rows.map { Double(evaluated.toTrain.distance[$0]) }
        let paired = rows.map { Double(truthToTrain.distance[$0]) }
        var seen: Set<Int> = []
        let once = rows.filter { seen.insert(evaluated.generated.observation[$0]).inserted }
        self.phase = phase ?? Self.allPhases
        z = MannWhitney(generated, once.map { Double(truthToTrain.distance[$0]) }).z
        generatedCount = rows.count
        truthCount = once.count
        let weighted = WeightedArea(generated, paired)
        let bootstrap = context.bootstrap(
            clusters: rows.map { evaluated.generated.cluster[$0] },
            stream: context.seed / "p03" / "c_t" / evaluated.policy / evaluated.condition / self.phase)
        units = bootstrap.units
        let value = weighted.area(weights: [Double](repeating: 1, count: rows.count))
        let replicates =
            units > 1 ? bootstrap.replicates { [weighted.area(weights: $0)] }.map { $0[0] }.filter(\.isFinite) : []
        area = HierarchicalBootstrap.estimate(value, replicates: replicates)
        clusteredZ = Self.clusteredZ(area: value, replicates: replicates, units: units)
    }

    var isOverall: Bool { phase == Self.allPhases }
    private static let allPhases = "all"

    /// The one of Z and its clustered form that is nearer to the null; nil where the clustered one does not exist.
    var weakerZ: Double? { clusteredZ.map { max(z, $0) } }

    /// (area - 1/2) over its standard deviation: the bootstrap's over units; where all units say the same, so that it sees no
    /// variation, that of a share that n units were never or always seen to have, under Jeffreys' prior, Beta(1/2, n + 1/2).
    /// - Returns: nil for fewer than two units.
    static func clusteredZ(area: Double, replicates: [Double], units: Int) -> Double? {
        guard units > 1, let deviation = standardDeviation(replicates) else { return nil }
        let n = Double(units), smallest = (0.5 * (n + 0.5) / ((n + 1) * (n + 1) * (n + 2))).squareRoot()
        return (area - 0.5) / (deviation > 0 ? deviation : smallest)
    }

    /// Of a sample; nil for fewer than two values.
    private static func standardDeviation(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
