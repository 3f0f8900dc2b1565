/// The squared-cosine noise schedule (Nichol and Dhariwal 2021, equation 17).
public struct NoiseSettings: Equatable, Sendable {
    /// Steps of the forward process.
    public var steps = 100
    /// Whether the predicted clean sequence is clipped to [-1, 1] at every step of sampling.
    public var clip = true

    public init() {}
}

extension NoiseSettings: SettingsGroup {
    static var fields: [SettingsField<NoiseSettings>] {
        [SettingsField("steps", \.steps, .within(2...10_000)), SettingsField("clip", \.clip)]
    }
}
