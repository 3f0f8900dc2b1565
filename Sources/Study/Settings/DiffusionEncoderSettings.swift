/// The diffusion policy's image encoder, one per camera.
public struct DiffusionEncoderSettings: Equatable, Sendable {
    public enum Variant: String, SettingsChoice, Sendable {
        /// Stem 5 x 5, one residual block a stage.
        case compact
        /// The reference's ResNet-18 trunk with GroupNorm: stem 7 x 7, max pool, two residual blocks a stage. With
        /// `channels` [64, 128, 256, 512] it is the reference's, about 11 M parameters per camera.
        case resnet18
    }

    public var variant = Variant.compact
    /// Width of each residual stage, as many stages as widths; the reference's ResNet-18 has [64, 128, 256, 512].
    public var channels = [16, 32, 64]
    /// Keypoints of the spatial softmax.
    public var keypoints = 32
    /// Values per camera after the last linear layer.
    public var features = 64

    public init() {}
}

extension DiffusionEncoderSettings: SettingsGroup {
    static var fields: [SettingsField<DiffusionEncoderSettings>] {
        [
            SettingsField("variant", \.variant),
            SettingsField("channels", \.channels, EncoderChannels.rule),
            SettingsField("keypoints", \.keypoints, .within(1...1024)),
            SettingsField("features", \.features, .within(1...4096)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        try EncoderChannels.check(channels, origins, path)
    }
}
