/// When the lookup table calls an observation out of distribution.
public struct ThresholdSettings: Equatable, Sendable {
    public enum Method: String, SettingsChoice, Sendable {
        /// From training demonstrations, leaving one out at a time, at `falseAlarmRate`; `similarity` is not used.
        case calibrated
        /// Below `similarity`, as published with 0.5, 0.75 and 0.9; `falseAlarmRate` is not used.
        case fixed
    }

    public var method = Method.calibrated
    /// Share of in-distribution frames that may be flagged.
    public var falseAlarmRate = 0.1
    /// Cosine similarity below which a query is flagged.
    public var similarity = 0.75

    public init() {}
}

extension ThresholdSettings: SettingsGroup {
    static var fields: [SettingsField<ThresholdSettings>] {
        [
            SettingsField("method", \.method),
            SettingsField("false_alarm_rate", \.falseAlarmRate, .strictlyBetween(0, 1)),
            SettingsField("similarity", \.similarity, .within(-1...1)),
        ]
    }
}
