/// Denoising steps of each sampler at inference.
public struct SamplerSettings: Equatable, Sendable {
    /// Ancestral sampling (Ho et al. 2020).
    public var ddpm = 100
    /// Deterministic sampling (Song et al. 2021, eta 0).
    public var ddim = 10

    public init() {}
}

extension SamplerSettings: SettingsGroup {
    static var fields: [SettingsField<SamplerSettings>] {
        [SettingsField("ddpm", \.ddpm, .atLeast(1)), SettingsField("ddim", \.ddim, .atLeast(1))]
    }
}
