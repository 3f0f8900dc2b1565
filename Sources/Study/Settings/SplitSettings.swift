/// How demonstrations are divided by whole episodes; what remains is asked about (query).
public struct SplitSettings: Equatable, Sendable {
    /// Demonstrations that the policies are trained on; at least two, since a second-nearest one is asked for.
    public var train = 16
    /// Demonstrations the policies never see, as many as `train`: the null of the share of nearest chunks.
    public var reference = 16

    public init() {}
}

extension SplitSettings: SettingsGroup {
    static var fields: [SettingsField<SplitSettings>] {
        [
            SettingsField("train", \.train, .atLeast(2)),
            SettingsField("reference", \.reference, .atLeast(2)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard train != reference else { return }
        throw origins.violation(
            path, "reference", expected: "\(train), as many as split.train, so that the null of the share is one half",
            found: "\(reference), with split.train at \(origins.location(of: (path + ["train"]).joined(separator: ".")))")
    }
}
