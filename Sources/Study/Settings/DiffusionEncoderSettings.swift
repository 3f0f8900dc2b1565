/// The diffusion policy's image encoder, one per camera.
public struct DiffusionEncoderSettings: Equatable, Sendable {
    public enum Variant: String, SettingsChoice, Sendable {
        /// Three residual stages; `channels` are their widths.
        case compact
        /// The reference's ResNet-18 with GroupNorm; `channels` is not used.
        case resnet18
    }

    public var variant = Variant.compact
    /// Width of each residual stage of the compact variant.
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
