/// The Action Lookup Table: contrastive encoder, its training, the out-of-distribution flag.
public struct AltSettings: Equatable, Sendable {
    public var encoder = ContrastiveEncoderSettings()
    public var training = ContrastiveTrainingSettings()
    public var threshold = ThresholdSettings()
    /// Matches that a query returns, best first.
    public var topK = 5

    public init() {}
}

extension AltSettings: SettingsGroup {
    static var fields: [SettingsField<AltSettings>] {
        [
            SettingsField(group: "encoder", \.encoder),
            SettingsField(group: "training", \.training),
            SettingsField(group: "threshold", \.threshold),
            SettingsField("top_k", \.topK, .within(1...1000)),
        ]
    }
}
