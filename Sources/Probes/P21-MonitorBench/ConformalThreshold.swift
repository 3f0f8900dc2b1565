import Basics

/// A threshold above which a new demonstration's largest score falls with probability at most alpha, whatever the
/// scores' distribution, when it is exchangeable with the calibration demonstrations (split conformal prediction, Vovk
/// et al. 2005; for robot monitors Xu et al. 2025).
struct ConformalThreshold: Sendable, Equatable {
    /// No smaller than 1 / (n + 1): below it n demonstrations cannot give a finite threshold.
    let alpha: Double
    let value: Double

    /// - Parameters:
    ///   - calibration: the largest score of each calibration demonstration.
    ///   - rules: give the wanted alpha, `falseAlarmRate`.
    init(_ calibration: [Double], _ rules: DecisionRules) {
        precondition(!calibration.isEmpty, "no calibration demonstration")
        let count = calibration.count
        alpha = max(rules.falseAlarmRate, 1 / Double(count + 1))
        // The ⌈(n + 1)(1 - α)⌉-th smallest; rounding must not push n to n + 1.
        let rank = Int((Double(count + 1) * (1 - alpha) - 1e-9).rounded(.up))
        value = calibration.sorted()[rank - 1]
    }

    func flags(_ score: Double) -> Bool { score > value }

    /// Share of demonstrations flagged by the threshold of all others; nil for fewer than two.
    static func leaveOneOut(_ calibration: [Double], _ rules: DecisionRules) -> Double? {
        guard calibration.count > 1 else { return nil }
        let flagged = calibration.indices.count { left in
            let others = calibration.indices.filter { $0 != left }.map { calibration[$0] }
            return ConformalThreshold(others, rules).flags(calibration[left])
        }
        return Double(flagged) / Double(calibration.count)
    }
}

/// What a conformal threshold on one monitor does at held-out demonstrations.
struct FalseAlarms: Sendable {
    let threshold: ConformalThreshold
    /// Share of held-out demonstrations flagged by the threshold of the others.
    let share: Estimate

    init(_ monitor: MonitorPanel.Monitor, _ heldout: MonitoredCondition, _ rules: DecisionRules) {
        let largest = Self.largest(monitor, heldout)
        threshold = ConformalThreshold(largest, rules)
        share =
            ConformalThreshold.leaveOneOut(largest, rules).map { Wilson.estimate(share: $0, count: largest.count) }
            ?? Estimate(value: nil)
    }

    /// The largest score of each unit.
    static func largest(_ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition) -> [Double] {
        let score = monitor.conditions[condition.condition]?.score ?? []
        return condition.units.compactMap { rows in rows.map { score[$0] }.max() }
    }

    /// Share of a condition's units whose largest score exceeds the threshold of all held-out demonstrations.
    func flagged(_ monitor: MonitorPanel.Monitor, _ condition: MonitoredCondition) -> Estimate {
        let largest = Self.largest(monitor, condition)
        let share = Double(largest.count { threshold.flags($0) }) / Double(largest.count)
        return Wilson.estimate(share: share, count: largest.count)
    }
}
