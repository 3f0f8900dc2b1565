import Basics

/// What P10 takes the median of, with its name in `p10_twins`.
enum TwinMeasure: String, CaseIterable, Sendable {
    /// A to B.
    case agreement
    /// Of both to the demonstrations they were trained on, and to the twin's.
    case ownSet = "own_set", otherSet = "other_set"
    /// To the true chunk, A's and B's.
    case errorA = "error_a", errorB = "error_b"
    /// A to policies trained on the same demonstrations from other seeds.
    case sameData = "same_data"
    /// Two samples of A.
    case selfNoise = "self_noise"
    /// True held-out chunks to A's demonstrations.
    case heldout

    /// In the figure; nil for what it does not draw.
    var label: String? {
        switch self {
        case .agreement: "between the twins"
        case .ownSet: "to the own demonstrations"
        case .otherSet: "to the twin's demonstrations"
        case .sameData: "trained again on the same data"
        case .selfNoise: "same policy, other noise"
        case .heldout: "held-out truth to the demonstrations"
        case .errorA, .errorB: nil
        }
    }

    /// What the distances of the twins are held against.
    var isControl: Bool { [.sameData, .selfNoise, .heldout].contains(self) }
}

extension TwinMeasure: CellValue {
    static var form: String { "a measure of twins" }
}

/// The medians of P10 for one policy, with their controls.
struct TwinMeasures: Sendable {
    /// A median distance with its interval over units.
    struct Median: Sendable {
        let measure: TwinMeasure
        let median: Estimate
        let rows: Int
        let units: Int

        init(_ measure: TwinMeasure, _ values: [Float], cluster: [Int], policy: PolicyID, _ context: ProbeContext) {
            let sample = SortedSample(values.map(Double.init))
            let bootstrap = context.bootstrap(
                clusters: cluster, stream: context.seed / "p10" / policy / measure.rawValue)
            self.measure = measure
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
    }

    let agreement: Median
    let ownSet: Median
    let otherSet: Median
    /// A's, then B's.
    let errors: [Median]
    /// Nil where the records show one seed only.
    let sameData: Median?
    /// Nil where there is one sample per observation.
    let selfNoise: Median?
    let heldout: Median

    init(
        _ pairs: TwinPairs, _ evaluated: EvaluatedChunks, heldout truth: EvaluatedChunks, _ context: ProbeContext
    ) throws {
        func median(_ measure: TwinMeasure, _ values: [Float], _ cluster: [Int]) -> Median {
            Median(measure, values, cluster: cluster, policy: evaluated.policy, context)
        }
        let cluster = evaluated.generated.cluster
        agreement = median(.agreement, pairs.agreement, pairs.cluster)
        ownSet = median(.ownSet, pairs.own.a + pairs.own.b, pairs.cluster + pairs.cluster)
        otherSet = median(.otherSet, pairs.other.a + pairs.other.b, pairs.cluster + pairs.cluster)
        errors = pairs.error.map {
            [median(.errorA, $0.a, pairs.cluster), median(.errorB, $0.b, pairs.cluster)]
        } ?? []
        var distances: [Float] = []
        var clusters: [Int] = []
        for record in context.otherSeeds(evaluated.policy) {
            guard let other = context.evaluated(record.policy, evaluated.condition) else { continue }
            let matched = try MatchedChunks(evaluated.generated, other.generated, metric: context.metric)
            distances += matched.distance
            clusters += matched.rows.map { cluster[$0.first] }
        }
        sameData = distances.isEmpty ? nil : median(.sameData, distances, clusters)
        let noise = evaluated.selfDistance
        selfNoise =
            noise.isEmpty ? nil : median(.selfNoise, noise.map(\.distance), noise.map { cluster[$0.row] })
        heldout = median(.heldout, truth.toTrain.distance, truth.generated.cluster)
    }

    /// What the agreement is held against: the first that was measured.
    var agreementControl: Median { sameData ?? selfNoise ?? heldout }

    var all: [Median] {
        [agreement, ownSet, otherSet] + errors + [sameData, selfNoise].compactMap { $0 } + [heldout]
    }
}
