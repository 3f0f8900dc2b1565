/// The whole comparison of two policies by their success on the same starts. A bundle is one start with one trial of each.
///
/// The bundles are read in order. After every `batch` of them, and after the last, the betting process is looked at; if it
/// has rejected a mean difference of 0 by then, the two are different and the reading stops. Otherwise the n bundles are
/// tested once for equivalence: Tango's 90 % interval within ± the margin, two one-sided tests at 5 %. What passes neither
/// is undecided. Two equal policies are called different with probability at most 5 %, however often it is looked; two that
/// differ by the margin or more are called equivalent with probability about 5 % at most (the score test is asymptotic).
public struct SuccessComparison: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        /// The betting process had rejected a difference of 0 when it was read after this many bundles.
        case different(afterBundles: Int)
        /// The difference lies within the margin.
        case equivalent
        /// Neither, with the difference that n bundles with this share of discordant ones would find in 80 % of studies
        /// (see `PairedSuccess.smallestDetectableDifference`).
        case undecided(smallestDetectableDifference: Double?)
    }

    /// The paired table of ALL bundles given, also of those after the decision: a table of a fixed n, whose intervals and p
    /// hold as they stand. What may be said at a decision before n is `confidenceSequence`.
    public let pairs: PairedSuccess
    /// The largest difference that counts as none.
    public let margin: Double
    /// Bundles read until the verdict.
    public let decisionBundle: Int
    /// The largest capital against a difference of 0 while reading: 20 or more rejects at 5 %, and its inverse is a p value.
    public let largestEValue: Double
    /// The mean difference of the bundles read with its 95 % interval, which holds at whatever time the reading stops.
    public let confidenceSequence: Estimate
    public let verdict: Verdict

    /// - Parameters:
    ///   - first, second: outcomes on the same starts in the order in which they were run. [n] each, n ≥ 1
    ///   - margin: fixed before the outcomes were seen.
    ///   - batch: bundles between two looks.
    public init(first: [Bool], second: [Bool], margin: Double = 0.10, batch: Int = 25) {
        precondition(margin > 0 && batch > 0, "margin \(margin), batch \(batch)")
        let pairs = PairedSuccess(first: first, second: second)
        var process = BettingProcess()
        for (first, second) in zip(first, second) {
            process.add((first ? 1 : 0) - (second ? 1 : 0))
            if process.count.isMultiple(of: batch) && process.rejectsZero { break }
        }
        self.pairs = pairs
        self.margin = margin
        decisionBundle = process.count
        largestEValue = process.largestEValue
        confidenceSequence = process.interval
        let interval = pairs.interval90
        if process.rejectsZero {
            verdict = .different(afterBundles: process.count)
        } else if interval.lies(above: -margin) && interval.lies(below: margin) {
            verdict = .equivalent
        } else {
            verdict = .undecided(smallestDetectableDifference: pairs.smallestDetectableDifference)
        }
    }
}
