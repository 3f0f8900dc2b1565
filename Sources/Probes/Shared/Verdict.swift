import Basics

/// What a summary row says, in the words that go into `summary.csv`. Each probe's documentation states its rule.
public enum Verdict: String, Sendable, CaseIterable {
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
    /// P17: on the curve, but not on all of it.
    case incomplete
    case generalized
    /// P06: answers jump between two positions, or move along.
    case steps, lines
    /// P09
    case imageIsKey = "image is the key"
    case poseIsKey = "pose is the key"
    /// P18: an object that is moved costs less than the margin, or more.
    case reactive
    case notReactive = "not reactive"
    /// A number with its interval whose claim is decided by another row.
    case measured

    /// What the word says, for the glossary.
    public var meaning: String {
        switch self {
        case .description: "a fact about the data; no claim is tested"
        case .fitCheck: "measured at training observations, where anything that fits scores well"
        case .fitted: "the error on training windows is below rules.fit of the median D12"
        case .notFitted: "it is not, so that nothing is said of the policy's memory"
        case .fitUnknown: "the policy was not asked about training observations"
        case .memorized: "the DCR share lies above its bound and both forms of C_T below theirs"
        case .notMemorized: "the interval of the DCR share lies below 0.5"
        case .notShown: "the interval contains what there is without memory"
        case .undecided: "the interval decides nothing"
        case .closerThanHeldout: "on the memorising side of true held-out sequences"
        case .fartherThanHeldout: "on the other side of true held-out sequences"
        case .fallback: "one or two demonstrations answer most nonsense, more than by chance"
        case .noFallback: "they do not"
        case .multimodal: "more than one way is there"
        case .notMultimodal: "one way alone is there"
        case .withinPublished: "the cost is at most the published share of the diffusion policy's"
        case .abovePublished: "the cost is above the published share"
        case .twinsRecall: "policies trained on disjoint halves are nearer to their own half than to each other"
        case .twinsAgree: "they are nearer to each other"
        case .growsWithTraining: "the slope over training steps lies above 0"
        case .fadesWithTraining: "the slope over training steps lies below 0"
        case .growsWithData: "the slope over the number of demonstrations lies above 0"
        case .fadesWithData: "the slope over the number of demonstrations lies below 0"
        case .equivalent: "within rules.equivalence_margin, by the procedure fixed before the run"
        case .better: "the interval of the difference lies on the better side of 0"
        case .worse: "the interval of the difference lies on the worse side of 0"
        case .beatsRivals: "the interval of the difference to the best rival lies above 0"
        case .beaten: "it lies below 0"
        case .memoryWhereSparse: "memory is stronger where training data are sparse"
        case .memoryWhereDense: "memory is stronger where training data are dense"
        case .undefined: "the number does not exist, for instance a correlation with something constant"
        case .betterThanRandom: "the interval lies on the informative side of chance"
        case .notBetterThanRandom: "it does not"
        case .retrieval: "the nearest training frame predicts the policy better than the demonstrator does"
        case .generalisation: "the demonstrator predicts the policy better than the nearest training frame"
        case .recallsNearObservations: "what is recalled was observed nearby, more than by chance"
        case .lookup: "the exact minimiser of the denoising loss explains the policy, with a narrow kernel, beyond the truth"
        case .notLookup: "one of the three bounds of a lookup is broken"
        case .copy: "one demonstration has nearly all the weight, and the blend lies nearer than held-out truth"
        case .blend: "several demonstrations share the weight, and the blend lies much nearer than held-out truth"
        case .novel: "no blend of demonstrations comes near"
        case .erratic: "neither training points nor one curve"
        case .wrongManifold: "a curve, but another one"
        case .incomplete: "on the curve, but not on all of it"
        case .generalized: "the whole curve, and not its training points"
        case .steps: "answers jump between two object positions"
        case .lines: "answers move along between two object positions"
        case .imageIsKey: "answers follow the image rather than the pose"
        case .poseIsKey: "answers follow the pose rather than the image"
        case .reactive: "a moved object costs less success than the margin"
        case .notReactive: "a moved object costs more"
        case .measured: "a number with its interval; another row decides"
        }
    }

    /// What must be said instead of a claim: on training observations, or without a fit.
    static func withheld(condition: Condition, fit: FitCheck?) -> Verdict? {
        if condition == .train { return .fitCheck }
        guard let fit else { return .fitUnknown }
        return fit.isFitted ? nil : .notFitted
    }
}

extension Verdict: CellValue {
    public static var form: String { "a verdict" }
}

/// What one number says about a claim.
public enum Reading: String, Sendable, CaseIterable {
    case supports, contradicts, open
    /// Printed for the reader; no rule looks at it.
    case shown

    /// For the glossary.
    public var meaning: String {
        switch self {
        case .supports: "the number is on the claim's side of its rule, with its interval"
        case .contradicts: "it is on the other side"
        case .open: "its interval decides nothing, or it does not exist"
        case .shown: "no rule looks at it"
        }
    }
}

/// When a number speaks for memory and when against: the one place where it is compared with its bound. Verdicts of the
/// probes and evidence of the claims are both made from readings.
public struct Criterion: Sendable {
    /// What is judged: a number beside its control.
    public struct Finding: Sendable {
        let estimate: Estimate
        let control: Estimate
        /// What the probe said, where the reading follows from more than this number.
        var verdict: Verdict = .measured
    }

    /// "supports: interval above 0.6; contradicts: contains 0.5 or lies below it".
    public let rule: String
    private let supports: @Sendable (Finding) -> Bool
    private let contradicts: @Sendable (Finding) -> Bool

    init(
        _ rule: String, supports: @escaping @Sendable (Finding) -> Bool,
        contradicts: @escaping @Sendable (Finding) -> Bool = { _ in false }
    ) {
        self.rule = rule
        self.supports = supports
        self.contradicts = contradicts
    }

    func reading(_ finding: Finding) -> Reading {
        supports(finding) ? .supports : contradicts(finding) ? .contradicts : .open
    }

    /// The interval lies above or below a bound.
    static func above(_ bound: Double) -> Criterion {
        Criterion(
            "supports: interval above \(bound.shown); contradicts: interval below", supports: { $0.estimate.lies(above: bound) },
            contradicts: { $0.estimate.lies(below: bound) })
    }

    /// The interval lies below 0 or above it.
    static let belowZero = Criterion(
        "supports: interval below 0; contradicts: interval above 0", supports: { $0.estimate.lies(below: 0) },
        contradicts: { $0.estimate.lies(above: 0) })
    static let aboveZero = Criterion(
        "supports: interval above 0; contradicts: interval below 0", supports: { $0.estimate.lies(above: 0) },
        contradicts: { $0.estimate.lies(below: 0) })
}

extension Double {
    /// As in sentences: `-3.0` as Swift prints it, which is what the rules of earlier runs say.
    fileprivate var shown: String { "\(self)" }
}
