import Basics

/// One endpoint of P26 under one choice.
struct RobustnessFinding: Sendable {
    /// What was done otherwise than elsewhere.
    enum Choice: Hashable, Sendable {
        case distance(DistanceChoice)
        /// f_mem at another c.
        case threshold(Double)
        /// One seed of a family, and all of them.
        case seed(Int)
        case allSeeds

        /// In the column `choice`.
        var name: String {
            switch self {
            case .distance(let choice): choice.rawValue
            case .threshold(let c): "c_\(c)"
            case .seed(let number): "seed_\(number)"
            case .allSeeds: "seeds_pooled"
            }
        }

        /// What the other choices of an endpoint are held against.
        var isStandard: Bool { self == .distance(.standard) || self == .allSeeds }
    }

    /// What is asked again, with its name in the column `endpoint`.
    enum Measure: String, Sendable {
        case share = "dcr_share"
        case ratio = "ratio_median"
        case proximity = "c_t"
        case memorized = "f_mem"
    }

    /// c at which f_mem is asked: the standard one, then the others.
    static let thresholds = [1.0 / 3, 0.2, 0.5, 0.8]

    let choice: Choice
    let endpoint: Measure
    let estimate: Estimate
    /// The same number for true held-out chunks.
    let heldout: Double?
    let side: Verdict
    let units: Int

    /// The endpoints under one distance, and f_mem at the thresholds for which there are scores.
    static func all(
        _ distance: DistanceChoice, _ scores: ChoiceScores, heldout: ChoiceScores, _ rules: DecisionRules
    ) -> [RobustnessFinding] {
        func finding(
            _ choice: Choice, _ endpoint: Measure, _ estimate: Estimate, _ heldout: Double?, _ side: Verdict
        ) -> RobustnessFinding {
            RobustnessFinding(
                choice: choice, endpoint: endpoint, estimate: estimate, heldout: heldout, side: side, units: scores.units)
        }
        let (share, ratio) = (scores[.share], scores[.ratio])
        var result = [
            finding(.distance(distance), .share, share, heldout[.share].value, MemoryRule.side(share: share, rules)),
            finding(
                .distance(distance), .ratio, ratio, heldout[.ratio].value,
                side(ratio, .loweredByMemory, than: heldout[.ratio].value)),
        ]
        if let z = scores.proximity {
            result.append(finding(.distance(distance), .proximity, Estimate(value: z), 0, side(proximity: z, rules)))
        }
        for (place, c) in thresholds.enumerated() where place < scores.memorized.count {
            let (share, control) = (scores.memorized[place], heldout.memorized[place].value)
            result.append(
                finding(
                    place == 0 ? .distance(distance) : .threshold(c), .memorized, share, control,
                    side(share, .raisedByMemory, than: control)))
        }
        return result
    }

    /// Beyond the bound of C_T on the side of memory, or as far on the other.
    private static func side(proximity z: Double, _ rules: DecisionRules) -> Verdict {
        let criterion = MemoryRule.proximity(rules)
        func isBeyond(_ z: Double) -> Bool {
            criterion.reading(Criterion.Finding(estimate: Estimate(value: z), control: Estimate(value: 0))) == .supports
        }
        return isBeyond(z) ? .closerThanHeldout : isBeyond(-z) ? .fartherThanHeldout : .undecided
    }

    private static func side(_ estimate: Estimate, _ direction: Endpoint.Direction, than control: Double?) -> Verdict {
        guard let control else { return .undecided }
        if estimate.lies(below: control) { return direction == .loweredByMemory ? .closerThanHeldout : .fartherThanHeldout }
        if estimate.lies(above: control) { return direction == .raisedByMemory ? .closerThanHeldout : .fartherThanHeldout }
        return .undecided
    }

    /// Whether the standard choice among `findings` says the same of this endpoint.
    func agrees(with findings: [RobustnessFinding]) -> Bool {
        findings.first { $0.choice.isStandard && $0.endpoint == endpoint }?.side == side
    }
}

extension RobustnessFinding.Measure: CellValue {
    static var form: String { "an endpoint of P26" }
}

/// The endpoints that P26 asks again under every choice.
struct ChoiceScores: Sendable, Codable {
    enum Score: CaseIterable, Sendable {
        /// DCR share.
        case share
        /// Median d1/d2.
        case ratio
    }

    /// f_mem at the thresholds asked for.
    let memorized: [Estimate]
    /// The weaker of C_T and its clustered form, as in P03; nil without true chunks.
    let proximity: Double?
    let units: Int
    private let estimates: Named<Score, Estimate>

    subscript(score: Score) -> Estimate { estimates[score] }

    init(_ distances: ChoiceDistances, thresholds: [Double] = [], bootstrap: HierarchicalBootstrap) {
        let closer = EvaluatedChunks.closer(distances.train, distances.reference)
        let ratios = zip(distances.train, distances.second).map { $0 == 0 ? 0 : Double($0) / Double($1) }
        let sorted = SortedSample(ratios)
        estimates = bootstrap.estimates { weights in
            [Score.share: weightedMean(closer, weights), .ratio: sorted.median(weights: weights)]
        }
        let below = thresholds.map { c in ratios.map { $0 < c ? 1.0 : 0 } }
        memorized = below.isEmpty ? [] : bootstrap.estimates { weights in below.map { weightedMean($0, weights) } }
        proximity = distances.truth.flatMap { Self.proximity(distances, truth: $0, bootstrap) }
        units = bootstrap.units
    }

    private static func proximity(
        _ distances: ChoiceDistances, truth: [Float], _ bootstrap: HierarchicalBootstrap
    ) -> Double? {
        let (generated, truth) = (distances.train.map(Double.init), truth.map(Double.init))
        var seen: Set<Int> = []
        let once = distances.observation.indices.filter { seen.insert(distances.observation[$0]).inserted }
        let z = MannWhitney(generated, once.map { truth[$0] }).z
        let weighted = WeightedArea(generated, truth)
        let areas =
            bootstrap.units > 1
            ? bootstrap.replicates { [weighted.area(weights: $0)] }.compactMap(\.first).filter(\.isFinite) : []
        let area = weighted.area(weights: [Double](repeating: 1, count: generated.count))
        return TruthProximity.clusteredZ(area: area, replicates: areas, units: bootstrap.units).map { max(z, $0) }
    }
}
