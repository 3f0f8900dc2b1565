/// The lookup table's encoder: one image encoder shared by all cameras, then two linear layers to a unit vector.
public struct ContrastiveEncoderSettings: Equatable, Sendable {
    /// Width of each residual stage.
    public var channels = [16, 32, 64]
    /// Keypoints of the spatial softmax.
    public var keypoints = 32
    /// Values per camera.
    public var features = 128
    /// Dimensions of the unit vector.
    public var embedding = 128

    public init() {}
}

extension ContrastiveEncoderSettings: SettingsGroup {
    static var fields: [SettingsField<ContrastiveEncoderSettings>] {
        [
            SettingsField("channels", \.channels, EncoderChannels.rule),
            SettingsField("keypoints", \.keypoints, .within(1...1024)),
            SettingsField("features", \.features, .within(1...4096)),
            SettingsField("embedding", \.embedding, .within(2...4096)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        try EncoderChannels.check(channels, origins, path)
    }
}
