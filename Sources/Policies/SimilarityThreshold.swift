import Basics
import Configuration

/// Below which similarity the lookup table calls a query out of distribution.
public struct SimilarityThreshold: Equatable, Sendable {
    public enum Method: String, SettingsChoice, Sendable {
        /// The quantile at `falseAlarmRate` of the best similarities that frames of demonstrations NEITHER in the table
        /// NOR in the encoder's training reach (a study's reference demonstrations): an unseen in-distribution frame is
        /// flagged at about this rate. Leaving training demonstrations out of the table alone would not do, since the
        /// encoder has pushed them apart. `similarity` is not used.
        case calibrated
        /// Below `similarity`, as published with 0.5, 0.75 and 0.9; `falseAlarmRate` is not used.
        case fixed
    }

    public var method = Method.calibrated
    /// Share of in-distribution frames that may be flagged.
    public var falseAlarmRate = 0.125
    /// Cosine similarity below which a query is flagged.
    public var similarity = 0.75

    public init() {}

    public static func fixed(_ similarity: Double) -> SimilarityThreshold {
        SimilarityThreshold {
            $0.method = .fixed
            $0.similarity = similarity
        }
    }

    public static func calibrated(falseAlarmRate: Double) -> SimilarityThreshold {
        SimilarityThreshold {
            $0.method = .calibrated
            $0.falseAlarmRate = falseAlarmRate
        }
    }

    /// - Parameters:
    ///   - similarities: each unseen frame's similarity to its best row of the table
    ///   - demonstrations: the demonstration of each of those frames
    /// - Throws: `Failure` when the rate is below what so few demonstrations can resolve, 1 / (n + 1).
    public func value(similarities: [Double], demonstrations: [Int]) throws -> Double {
        switch method {
        case .fixed: return similarity
        case .calibrated:
            let rate = falseAlarmRate, count = Set(demonstrations).count
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

extension SimilarityThreshold: SettingsGroup {
    public static var fields: [SettingsField<SimilarityThreshold>] {
        [
            SettingsField("method", \.method),
            SettingsField("false_alarm_rate", \.falseAlarmRate, .strictlyBetween(0, 1)),
            SettingsField("similarity", \.similarity, .within(-1...1)),
        ]
    }
}
