import Basics
import Compute

/// Below which similarity a query counts as out of distribution.
public enum SimilarityThreshold: Sendable, Equatable {
    /// A constant, as published (0.5, 0.75 or 0.9).
    case fixed(Double)
    /// The quantile at `falseAlarmRate` of each training row's best similarity to rows of OTHER demonstrations:
    /// an unseen in-distribution frame is flagged at about this rate.
    case calibrated(falseAlarmRate: Double)

    /// - Throws: `Failure` when the rate is below what so few demonstrations can resolve, 1 / (n + 1), or when there
    ///   is no second demonstration to compare with.
    public func value(rows: [Float], width: Int, demonstrations: [Int]) throws -> Double {
        switch self {
        case .fixed(let value): return value
        case .calibrated(let rate):
            let count = Set(demonstrations).count
            guard count > 1, rate >= 1 / Double(count + 1), rate < 1 else {
                throw Failure(
                    .data, "the false-alarm rate cannot be calibrated", at: "alt.threshold.false_alarm_rate",
                    expected: "at least 1 / (\(count) training demonstrations + 1) and below 1, and 2 demonstrations or more",
                    found: "\(rate)",
                    remedy: "raise the rate or train on more demonstrations")
            }
            let sorted = Self.leaveOneDemonstrationOut(rows: rows, width: width, demonstrations: demonstrations).sorted()
            return sorted[Int(rate * Double(sorted.count))]
        }
    }

    /// Each row's best similarity among the rows of other demonstrations.
    public static func leaveOneDemonstrationOut(rows: [Float], width: Int, demonstrations: [Int]) -> [Double] {
        var scores = [Float](repeating: 0, count: demonstrations.count)
        return demonstrations.indices.map { query in
            rows.withUnsafeBufferPointer { table in
                scores.withUnsafeMutableBufferPointer { target in
                    guard let table = table.baseAddress, let target = target.baseAddress else { return }
                    Matrix.scores(
                        table, rows: demonstrations.count, width: width, query: table + query * width, into: target)
                }
            }
            var best = -Double.infinity
            for (row, score) in scores.enumerated() where demonstrations[row] != demonstrations[query] {
                best = max(best, Double(score))
            }
            return best
        }
    }
}
