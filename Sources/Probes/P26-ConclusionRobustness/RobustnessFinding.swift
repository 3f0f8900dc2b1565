import Basics

/// One endpoint of P26 under one choice.
struct RobustnessFinding: Sendable {
    static let standard = "standard"
    static let share = "dcr_share"

    let choice: String
    let endpoint: String
    let estimate: Estimate
    /// The same number for true held-out chunks.
    let heldout: Double?
    let side: Verdict
    let units: Int
    /// What the other choices of its endpoint are held against.
    let isStandard: Bool

    /// The endpoints under one distance; under the standard one f_mem at its thresholds too.
    static func all(
        _ choice: DistanceChoice, _ scores: ChoiceScores, heldout: ChoiceScores, _ rules: DecisionRules
    ) -> [RobustnessFinding] {
        func finding(
            _ choice: String, _ endpoint: String, _ estimate: Estimate, _ heldout: Double?, _ side: Verdict
        ) -> RobustnessFinding {
            RobustnessFinding(
                choice: choice, endpoint: endpoint, estimate: estimate, heldout: heldout, side: side,
                units: scores.units, isStandard: choice == standard)
        }
        let name = choice.rawValue
        var result = [
            finding(name, share, scores.share, heldout.share.value, side(share: scores.share, rules)),
            finding(
                name, "ratio_median", scores.ratio, heldout.ratio.value,
                side(scores.ratio, closerWhen: .smaller, than: heldout.ratio.value)),
        ]
        if let z = scores.proximity {
            let side: Verdict =
                z < rules.proximityZ
                ? .closerThanHeldout : z > -rules.proximityZ ? .fartherThanHeldout : .undecided
            result.append(finding(name, "c_t", Estimate(value: z), 0, side))
        }
        guard choice == .standard else { return result }
        for (place, c) in ChoiceScores.thresholds.enumerated() {
            let control = heldout.memorized[place].value
            result.append(
                finding(
                    place == 0 ? standard : "c_\(c)", "f_mem", scores.memorized[place], control,
                    side(scores.memorized[place], closerWhen: .larger, than: control)))
        }
        return result
    }

    /// P03's reading of the share alone.
    static func side(share: Estimate, _ rules: DecisionRules) -> Verdict {
        if share.contains(0.5) { return .notShown }
        if share.lies(below: 0.5) { return .notMemorized }
        return share.lies(above: rules.dcrShare) ? .memorized : .undecided
    }

    private enum Direction { case smaller, larger }

    private static func side(_ estimate: Estimate, closerWhen direction: Direction, than control: Double?) -> Verdict {
        guard let control else { return .undecided }
        if estimate.lies(below: control) { return direction == .smaller ? .closerThanHeldout : .fartherThanHeldout }
        if estimate.lies(above: control) { return direction == .larger ? .closerThanHeldout : .fartherThanHeldout }
        return .undecided
    }

    /// Whether the standard choice among `findings` says the same of this endpoint.
    func agrees(with findings: [RobustnessFinding]) -> Bool {
        findings.first { $0.isStandard && $0.endpoint == endpoint }?.side == side
    }

    static let columns = [
        "policy", "condition", "choice", "endpoint", "value", "ci_low", "ci_high", "heldout", "side", "agrees", "n",
        "unit",
    ]

    /// One row under `columns`.
    func row(_ policy: String, _ condition: String, standard findings: [RobustnessFinding], unit: String) -> [Table.Cell] {
        [
            .text(policy), .text(condition), .text(choice), .text(endpoint), Table.Cell(estimate.value),
            Table.Cell(estimate.low), Table.Cell(estimate.high), Table.Cell(heldout), .text(side.rawValue),
            Table.Cell(agrees(with: findings)), .integer(units), .text(unit),
        ]
    }
}
