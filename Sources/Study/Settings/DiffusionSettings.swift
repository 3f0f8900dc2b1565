/// The diffusion policy: networks, noise, training and samplers.
public struct DiffusionSettings: Equatable, Sendable {
    public var encoder = DiffusionEncoderSettings()
    public var unet = UnetSettings()
    public var noise = NoiseSettings()
    public var training = DiffusionTrainingSettings()
    public var samplers = SamplerSettings()
    /// Trainings on the same demonstrations that differ in their seed; the first is the headline.
    public var seeds = 1

    public init() {}
}

extension DiffusionSettings: SettingsGroup {
    static var fields: [SettingsField<DiffusionSettings>] {
        [
            SettingsField(group: "encoder", \.encoder),
            SettingsField(group: "unet", \.unet),
            SettingsField(group: "noise", \.noise),
            SettingsField(group: "training", \.training),
            SettingsField(group: "samplers", \.samplers),
            SettingsField("seeds", \.seeds, .within(1...100)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        for (key, steps) in [("ddpm", samplers.ddpm), ("ddim", samplers.ddim)] where steps > noise.steps {
            throw origins.violation(
                path + ["samplers"], key, expected: "at most diffusion.noise.steps = \(noise.steps)", found: "\(steps)")
        }
    }
}
