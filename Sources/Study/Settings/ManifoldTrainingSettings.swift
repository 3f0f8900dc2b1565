/// The size of a network of the manifolds.
public struct ManifoldNetworkSettings: Equatable, Sendable {
    /// Hidden layers.
    public var layers = 1
    public var width = 24

    public init() {}

    init(layers: Int, width: Int) {
        self.layers = layers
        self.width = width
    }
}

extension ManifoldNetworkSettings: SettingsGroup {
    static var fields: [SettingsField<ManifoldNetworkSettings>] {
        [SettingsField("layers", \.layers, .within(1...64)), SettingsField("width", \.width, .within(1...8192))]
    }
}

/// The trainings of He et al. 2025: fewer steps for many points, a smaller rate for the large network on few points.
public struct ManifoldAuthorsSettings: Equatable, Sendable {
    public var steps = 2500
    public var stepsFewPoints = 5000
    public var learningRate = 1e-3
    /// Of the large network.
    public var learningRateFewPoints = 1e-4

    public init() {}
}

extension ManifoldAuthorsSettings: SettingsGroup {
    static var fields: [SettingsField<ManifoldAuthorsSettings>] {
        [
            SettingsField("steps", \.steps, .atLeast(1)),
            SettingsField("steps_few_points", \.stepsFewPoints, .atLeast(1)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("learning_rate_few_points", \.learningRateFewPoints, .above(0)),
        ]
    }
}

/// The corrected trainings: the same for every cell.
public struct ManifoldCorrectedSettings: Equatable, Sendable {
    public var steps = 4000
    public var learningRate = 1e-3

    public init() {}
}

extension ManifoldCorrectedSettings: SettingsGroup {
    static var fields: [SettingsField<ManifoldCorrectedSettings>] {
        [SettingsField("steps", \.steps, .atLeast(1)), SettingsField("learning_rate", \.learningRate, .above(0))]
    }
}
