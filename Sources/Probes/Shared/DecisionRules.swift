import Configuration

/// The bounds that turn numbers into verdicts, fixed in the experiment's file before the run.
public struct DecisionRules: Sendable, Equatable {
    /// Fitted below this: median error of sampled sequences at training windows over the median D12.
    public var fit = 0.5
    /// C1: the interval of the DCR share lies above this ...
    public var dcrShare = 0.6
    /// ... and C_T below this.
    public var proximityZ = -3.0
    /// C2: the p value of rank-match is below this ...
    public var rankMatchP = 0.01
    /// ... the exact denoiser explains more than this share of the learned one's variance ...
    public var rSquared = 0.8
    /// ... at a bandwidth of at most this many nearest-neighbour distances.
    public var bandwidth = 1.0
    /// C3: the interval of the largest weight of the blend lies above this.
    public var largestWeight = 0.9
    /// C3: a chunk is novel when it keeps more than this share of the residual of true chunks, a blend when less.
    public var novelResidual = 0.5
    /// C4: the mass of the two most recalled demonstrations lies above this.
    public var topTwoMass = 0.8
    /// C6: two shares or scaled errors within this of each other are equivalent.
    public var equivalenceMargin = 0.1
    /// C7: time and memory of the lookup over the diffusion policy's.
    public var timeRatio = 0.0034
    public var memoryRatio = 0.0085
    /// C8: the share of held-out demonstrations that a monitor may flag; its threshold follows (P21).
    public var falseAlarmRate = 0.125

    public init() {}
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
