import Probes

/// The bounds of the verdicts, written down before the run.
extension DecisionRules: SettingsGroup {
    static var fields: [SettingsField<DecisionRules>] {
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
        ]
    }
}
