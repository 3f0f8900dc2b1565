/// The conditional one-dimensional U-Net that predicts the noise.
public struct UnetSettings: Equatable, Sendable {
    /// Width of each level; every level but the last halves the horizon.
    public var downDims = [64, 128, 256]
    /// Width of the sinusoidal embedding of the noise step; even.
    public var stepEmbedding = 128
    /// Kernel of the convolution blocks; odd.
    public var kernelSize = 5
    /// Groups of the group normalisations.
    public var groupCount = 8

    public init() {}
}

extension UnetSettings: SettingsGroup {
    static var fields: [SettingsField<UnetSettings>] {
        [
            SettingsField("down_dims", \.downDims, Rule.within(1...8192).each(count: 1...6)),
            SettingsField("step_embedding", \.stepEmbedding, Rule(expectation: "an even number from 4 to 4096") {
                (4...4096).contains($0) && $0 % 2 == 0
            }),
            SettingsField("kernel_size", \.kernelSize, Rule(expectation: "an odd number from 1 to 31") {
                (1...31).contains($0) && $0 % 2 == 1
            }),
            SettingsField("group_count", \.groupCount, .within(1...256)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard let width = downDims.first(where: { $0 % groupCount != 0 }) else { return }
        throw origins.violation(
            path, "down_dims", expected: "multiples of unet.group_count = \(groupCount)", found: "\(width)")
    }
}
