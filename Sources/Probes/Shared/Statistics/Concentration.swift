import Foundation

/// How concentrated a histogram is.
public enum Concentration {
    /// Shannon entropy in nats of the distribution proportional to `counts`; NaN when all are 0.
    public static func entropy(_ counts: [Double]) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return .nan }
        var sum = 0.0
        for count in counts where count > 0 { sum -= count / total * log(count / total) }
        return sum
    }

    /// Share of the two largest counts; NaN when all are 0.
    public static func topTwoMass(_ counts: [Double]) -> Double {
        var largest = 0.0
        var second = 0.0
        var total = 0.0
        for count in counts {
            total += count
            if count > largest {
                (largest, second) = (count, largest)
            } else if count > second {
                second = count
            }
        }
        return total > 0 ? (largest + second) / total : .nan
    }
}
