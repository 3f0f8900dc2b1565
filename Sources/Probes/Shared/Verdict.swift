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
    case twinsRecall = "twins recall"
    case twinsAgree = "twins agree"
    case growsWithTraining = "grows with training"
    case fadesWithTraining = "fades with training"
    case growsWithData = "grows with data"
    case fadesWithData = "fades with data"
    /// Within a margin fixed beforehand, by two one-sided tests.
    case equivalent
    case better
    case worse
    case beatsRivals = "beats its rivals"
    case beaten = "beaten by a rival"
    case memoryWhereSparse = "memory where sparse"
    case memoryWhereDense = "memory where dense"
    /// The number does not exist, for instance a correlation with something constant.
    case undefined
    case betterThanRandom = "better than random"
    case notBetterThanRandom = "not better than random"
    case retrieval
    case generalisation
    case recallsNearObservations = "recalls near observations"
    case lookup
    case notLookup = "not a lookup"
    case copy
    case blend
    case novel
    /// P17: neither training points nor one curve.
    case erratic
    case wrongManifold = "wrong manifold"
    case generalized
    /// A number with its interval whose claim is decided by another row.
    case measured

    /// What must be said instead of a claim: on training observations, or without a fit.
    static func withheld(condition: String, fit: FitCheck?) -> Verdict? {
        if condition == GeneratedChunks.Condition.train { return .fitCheck }
        guard let fit else { return .fitUnknown }
        return fit.isFitted ? nil : .notFitted
    }
}
