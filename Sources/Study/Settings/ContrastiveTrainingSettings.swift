/// How the lookup table's encoder is trained: NT-Xent over two augmented views, Adam (He et al. 2025).
public struct ContrastiveTrainingSettings: Equatable, Sendable {
    public var epochs = 40
    /// Frames per batch; each gives two views.
    public var batchSize = 32
    public var learningRate = 1e-4
    public var temperature = 0.4
    /// Strengths of the colour jitter; hue in turns.
    public var brightness = 0.2
    public var contrast = 0.2
    public var saturation = 0.2
    public var hue = 0.05
    /// Smallest and largest share of the image's area that the random crop keeps.
    public var cropScale = [0.9, 1.0]
    /// Steps between checkpoints.
    public var checkpointEvery = 200

    public init() {}
}

extension ContrastiveTrainingSettings: SettingsGroup {
    static var fields: [SettingsField<ContrastiveTrainingSettings>] {
        [
            SettingsField("epochs", \.epochs, .atLeast(1)),
            SettingsField("batch_size", \.batchSize, .within(2...65_536)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("temperature", \.temperature, .above(0)),
            SettingsField("brightness", \.brightness, .within(0...1)),
            SettingsField("contrast", \.contrast, .within(0...1)),
            SettingsField("saturation", \.saturation, .within(0...1)),
            SettingsField("hue", \.hue, .within(0...0.5)),
            SettingsField("crop_scale", \.cropScale, Rule.within(0.01...1).each(count: 2...2)),
            SettingsField("checkpoint_every", \.checkpointEvery, .atLeast(1)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard cropScale[0] > cropScale[1] else { return }
        throw origins.violation(path, "crop_scale", expected: "[smallest, largest]", found: cropScale.shown)
    }
}
