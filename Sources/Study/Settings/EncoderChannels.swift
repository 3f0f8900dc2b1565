/// What the widths of an image encoder's stages must satisfy.
enum EncoderChannels {
    static var rule: Rule<[Int]> { Rule.within(1...2048).each(count: 1...8) }

    /// Group normalisation takes channels / 16 groups, so that wider stages must be multiples of 16.
    static func check(_ channels: [Int], _ origins: SettingsOrigins, _ path: [String]) throws {
        guard let width = channels.first(where: { $0 % max(1, $0 / 16) != 0 }) else { return }
        throw origins.violation(
            path, "channels", expected: "widths that channels / 16 groups divide, such as multiples of 16", found: "\(width)")
    }

    /// Stem, pooling and every stage but the first halve the picture, rounded up; the spatial softmax needs 2 x 2 positions.
    static func checkDepth(
        _ channels: [Int], poolsAfterStem: Bool, crop: Int, _ origins: SettingsOrigins, _ path: [String]
    ) throws {
        let halvings = channels.count + (poolsAfterStem ? 1 : 0)
        let side = (0..<halvings).reduce(crop) { side, _ in (side + 1) / 2 }
        guard side < 2 else { return }
        throw origins.violation(
            path, "channels", expected: "fewer stages, or image.crop above \(1 << halvings): \(halvings) halvings must leave 2 x 2 positions",
            found: "\(channels.count) stages at image.crop = \(crop)")
    }
}
