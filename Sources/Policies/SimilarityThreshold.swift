import Basics

/// Below which similarity a query counts as out of distribution.
public enum SimilarityThreshold: Sendable, Equatable {
    /// A constant, as published (0.5, 0.75 or 0.9).
    case fixed(Double)
    /// The quantile at `falseAlarmRate` of the best similarities that frames of demonstrations NEITHER in the table NOR
    /// in the encoder's training reach: an unseen in-distribution frame is flagged at about this rate. Leaving training
    /// demonstrations out of the table alone would not do, since the encoder has pushed them apart.
    case calibrated(falseAlarmRate: Double)

    /// - Parameters:
    ///   - similarities: each unseen frame's similarity to its best row of the table
    ///   - demonstrations: the demonstration of each of those frames
    /// - Throws: `Failure` when the rate is below what so few demonstrations can resolve, 1 / (n + 1).
    public func value(similarities: [Double], demonstrations: [Int]) throws -> Double {
        switch self {
        case .fixed(let value): return value
        case .calibrated(let rate):
            let count = Set(demonstrations).count
            guard count > 0, rate >= 1 / Double(count + 1), rate < 1 else {
                throw Failure(
                    .data, "the false-alarm rate cannot be calibrated", at: "alt.threshold.false_alarm_rate",
                    expected: "at least 1 / (\(count) reference demonstrations + 1) and below 1", found: "\(rate)",
                    remedy: "raise the rate or set more demonstrations aside (data.split.reference)")
            }
            let sorted = similarities.sorted()
            return sorted[Int(rate * Double(sorted.count))]
        }
    }
}
