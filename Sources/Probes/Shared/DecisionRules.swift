import Configuration
import Synchronization

/// The bounds that turn numbers into verdicts, fixed in the experiment's file before the run.
public struct DecisionRules: Sendable, Equatable {
    /// Fitted below this: median error of sampled sequences at training windows over the median D12.
    @Bound("fit") public var fit = 0.5
    /// C1: the interval of the DCR share lies above this ...
    @Bound("dcr_share") public var dcrShare = 0.6
    /// ... and C_T below this.
    @Bound("c_t") public var proximityZ = -3.0
    /// C2: the p value of rank-match is below this ...
    @Bound("rank_match_p") public var rankMatchP = 0.01
    /// ... the exact denoiser explains more than this share of the learned one's variance ...
    @Bound("r_squared") public var rSquared = 0.8
    /// ... at a bandwidth of at most this many nearest-neighbour distances.
    @Bound("bandwidth") public var bandwidth = 1.0
    /// C3: the interval of the largest weight of the blend lies above this.
    @Bound("largest_weight") public var largestWeight = 0.9
    /// C3: a chunk is novel when it keeps more than this share of the residual of true chunks, a blend when less.
    @Bound("novel_residual") public var novelResidual = 0.5
    /// C4: the mass of the two most recalled demonstrations lies above this.
    @Bound("top_two_mass") public var topTwoMass = 0.8
    /// C6: two shares or scaled errors within this of each other are equivalent.
    @Bound("equivalence_margin") public var equivalenceMargin = 0.1
    /// C7: time and memory of the lookup over the diffusion policy's.
    @Bound("time_ratio") public var timeRatio = 0.0034
    @Bound("memory_ratio") public var memoryRatio = 0.0085
    /// C8: the share of held-out demonstrations that a monitor may flag; its threshold follows (P21).
    @Bound("false_alarm_rate") public var falseAlarmRate = 0.125

    public init() {}

    private static var bounds: [WritableKeyPath<DecisionRules, Bound>] {
        [
            \._fit, \._dcrShare, \._proximityZ, \._rankMatchP, \._rSquared, \._bandwidth, \._largestWeight, \._novelResidual,
            \._topTwoMass, \._equivalenceMargin, \._timeRatio, \._memoryRatio, \._falseAlarmRate,
        ]
    }

    /// The same rules, which write down what is read of them.
    public func watched(by reads: RuleReads) -> DecisionRules {
        var watched = self
        for bound in Self.bounds { watched[keyPath: bound].reads = reads }
        return watched
    }

    /// Every bound by its key.
    public var values: [String: Double] {
        Dictionary(uniqueKeysWithValues: Self.bounds.map { (self[keyPath: $0].key, self[keyPath: $0].value) })
    }
}

/// A bound of the rules, with its key in the experiment's file.
@propertyWrapper public struct Bound: Sendable, Equatable {
    fileprivate var value: Double
    fileprivate let key: String
    fileprivate var reads: RuleReads?

    public init(wrappedValue: Double, _ key: String) {
        value = wrappedValue
        self.key = key
    }

    public var wrappedValue: Double {
        get {
            reads?.add(key)
            return value
        }
        set { value = newValue }
    }

    public static func == (first: Bound, second: Bound) -> Bool { first.value == second.value }
}

/// Which rules a probe has read: its result holds for all rules that agree in these.
public final class RuleReads: Sendable {
    private let state = Mutex<(keys: Set<String>, count: Int)>((keys: [], count: 0))

    public init() {}

    public var keys: Set<String> { state.withLock(\.keys) }
    /// Readings so far, also of the same rule.
    var count: Int { state.withLock(\.count) }

    fileprivate func add(_ key: String) {
        state.withLock { state in
            state.keys.insert(key)
            state.count += 1
        }
    }
}

extension DecisionRules: SettingsGroup {
    public static var fields: [SettingsField<DecisionRules>] {
        [
            SettingsField("fit", \.fit, .above(0)),
            SettingsField("dcr_share", \.dcrShare, .within(0.5...1)),
            SettingsField("c_t", \.proximityZ, Rule(expectation: "below 0") { $0 < 0 }),
            SettingsField("rank_match_p", \.rankMatchP, .strictlyBetween(0, 1)),
            SettingsField("r_squared", \.rSquared, .within(0...1)),
            SettingsField("bandwidth", \.bandwidth, .above(0)),
            SettingsField("largest_weight", \.largestWeight, .within(0...1)),
            SettingsField("novel_residual", \.novelResidual, .strictlyBetween(0, 1)),
            SettingsField("top_two_mass", \.topTwoMass, .within(0...1)),
            SettingsField("equivalence_margin", \.equivalenceMargin, .strictlyBetween(0, 1)),
            SettingsField("time_ratio", \.timeRatio, .above(0)),
            SettingsField("memory_ratio", \.memoryRatio, .above(0)),
            SettingsField("false_alarm_rate", \.falseAlarmRate, .strictlyBetween(0, 1)),
        ]
    }
}
