/// A threshold above which a new demonstration's largest score falls with probability at most alpha, whatever the
/// scores' distribution, when it is exchangeable with the calibration demonstrations (split conformal prediction, Vovk
/// et al. 2005; for robot monitors Xu et al. 2025).
struct ConformalThreshold: Sendable, Equatable {
    /// No smaller than 1 / (n + 1): below it n demonstrations cannot give a finite threshold.
    let alpha: Double
    let value: Double

    private static let wanted = 0.125

    /// - Parameter calibration: the largest score of each calibration demonstration.
    init(_ calibration: [Double]) {
        precondition(!calibration.isEmpty, "no calibration demonstration")
        let count = calibration.count
        alpha = max(Self.wanted, 1 / Double(count + 1))
        // The ⌈(n + 1)(1 - α)⌉-th smallest; rounding must not push n to n + 1.
        let rank = Int((Double(count + 1) * (1 - alpha) - 1e-9).rounded(.up))
        value = calibration.sorted()[rank - 1]
    }

    func flags(_ score: Double) -> Bool { score > value }

    /// Share of demonstrations flagged by the threshold of all others; nil for fewer than two.
    static func leaveOneOut(_ calibration: [Double]) -> Double? {
        guard calibration.count > 1 else { return nil }
        let flagged = calibration.indices.count { left in
            ConformalThreshold(calibration.indices.filter { $0 != left }.map { calibration[$0] }).flags(calibration[left])
        }
        return Double(flagged) / Double(calibration.count)
    }
}
