/// What a summary row says, in the words that go into `summary.csv`. Each probe's documentation states its rule.
enum Verdict: String, Sendable {
    /// A fact about the data, no claim tested.
    case description
    /// Measured on training observations, where anything that fits scores well.
    case fitCheck = "fit check"
    case fitted
    /// No claim about memory may be made from a policy that has not fitted its training windows.
    case notFitted = "not fitted"
    /// The policy was not run on training observations.
    case fitUnknown = "fit unknown"
    case memorized
    case notMemorized = "not memorized"
    case notShown = "not shown"
    case undecided
    case closerThanHeldout = "closer than held-out"
    case fartherThanHeldout = "farther than held-out"
    case fallback
    case noFallback = "no fallback"
    case multimodal
    case notMultimodal = "not multimodal"
    case withinPublished = "at most the published ratio"
    case abovePublished = "above the published ratio"
    /// A number with its interval whose claim is decided by another row.
    case measured

    /// What must be said instead of a claim: on training observations, or without a fit.
    static func withheld(condition: String, fit: FitCheck?) -> Verdict? {
        if condition == GeneratedChunks.Condition.train { return .fitCheck }
        guard let fit else { return .fitUnknown }
        return fit.isFitted ? nil : .notFitted
    }
}
