/// What the image encoders are given.
public struct ImageSettings: Equatable, Sendable {
    /// Side of the square cut from each image, in pixels: at random in training, centred otherwise.
    public var crop = 76

    public init() {}
}

extension ImageSettings: SettingsGroup {
    static var fields: [SettingsField<ImageSettings>] { [SettingsField("crop", \.crop, .within(16...1024))] }
}
