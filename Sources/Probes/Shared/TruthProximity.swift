import Basics

/// C_T of P03: distances of generated chunks to the training set against those of the true chunks there.
struct TruthProximity: Sendable {
    let phase: String
    /// Mann-Whitney Z, every row on its own: all samples against one true chunk per observation.
    let z: Double
    /// (area - 1/2) over its bootstrap standard deviation; nil when that is 0 or there are fewer than two units.
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
        self.phase = phase ?? "all"
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
        clusteredZ = Self.standardDeviation(replicates).flatMap { $0 > 0 ? (value - 0.5) / $0 : nil }
    }

    /// The one of Z and its clustered form that is nearer to the null. Where the bootstrap saw no variation at all,
    /// Z alone.
    var weakerZ: Double { max(z, clusteredZ ?? z) }

    /// Of a sample; nil for fewer than two values.
    static func standardDeviation(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
