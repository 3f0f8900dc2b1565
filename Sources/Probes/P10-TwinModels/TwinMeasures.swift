import Basics

/// The medians of P10 for one policy, with their controls.
struct TwinMeasures: Sendable {
    /// A median distance with its interval over units.
    struct Measure: Sendable {
        let name: String
        let median: Estimate
        let rows: Int
        let units: Int

        init(_ name: String, _ values: [Float], cluster: [Int], policy: String, _ context: ProbeContext) {
            let sample = SortedSample(values.map(Double.init))
            let bootstrap = context.bootstrap(clusters: cluster, stream: context.seed / "p10" / policy / name)
            self.name = name
            median = bootstrap.estimate { sample.median(weights: $0) }
            rows = values.count
            units = bootstrap.units
        }

        /// Over the median D12; without a value where that is 0.
        func overD12(_ context: ProbeContext) -> Estimate {
            guard context.medianD12 > 0 else { return Estimate(value: nil) }
            func over(_ value: Double?) -> Double? { value.map { $0 / context.medianD12 } }
            return Estimate(value: over(median.value), low: over(median.low), high: over(median.high))
        }

        func row(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [Table.Cell] {
            [
                .text(evaluated.policy), .text(evaluated.condition), .text(name), Table.Cell(median.value),
                Table.Cell(median.low), Table.Cell(median.high), Table.Cell(overD12(context).value), .integer(rows),
                .integer(units), .text(evaluated.generated.unit),
            ]
        }
    }

    let agreement: Measure
    let ownSet: Measure
    let otherSet: Measure
    /// A's, then B's.
    let errors: [Measure]
    /// Nil where the records show one seed only.
    let sameData: Measure?
    /// Nil where there is one sample per observation.
    let selfNoise: Measure?
    let heldout: Measure

    init(
        _ pairs: TwinPairs, _ evaluated: EvaluatedChunks, heldout truth: EvaluatedChunks, _ context: ProbeContext
    ) throws {
        func measure(_ name: String, _ values: [Float], _ cluster: [Int]) -> Measure {
            Measure(name, values, cluster: cluster, policy: evaluated.policy, context)
        }
        let cluster = evaluated.generated.cluster
        agreement = measure("agreement", pairs.agreement, pairs.cluster)
        ownSet = measure("own_set", pairs.own.a + pairs.own.b, pairs.cluster + pairs.cluster)
        otherSet = measure("other_set", pairs.other.a + pairs.other.b, pairs.cluster + pairs.cluster)
        errors = pairs.error.map {
            [measure("error_a", $0.a, pairs.cluster), measure("error_b", $0.b, pairs.cluster)]
        } ?? []
        var distances: [Float] = []
        var clusters: [Int] = []
        for record in context.otherSeeds(evaluated.policy) {
            guard let other = context.evaluated(record.policy, evaluated.condition) else { continue }
            let matched = try MatchedChunks(evaluated.generated, other.generated, metric: context.metric)
            distances += matched.distance
            clusters += matched.rows.map { cluster[$0.first] }
        }
        sameData = distances.isEmpty ? nil : measure("same_data", distances, clusters)
        let noise = evaluated.selfDistance
        selfNoise =
            noise.isEmpty ? nil : measure("self_noise", noise.map(\.distance), noise.map { cluster[$0.row] })
        heldout = measure("heldout", truth.toTrain.distance, truth.generated.cluster)
    }

    /// What the agreement is held against: the first that was measured.
    var agreementControl: Measure { sameData ?? selfNoise ?? heldout }

    var all: [Measure] {
        [agreement, ownSet, otherSet] + errors + [sameData, selfNoise].compactMap { $0 } + [heldout]
    }
}
