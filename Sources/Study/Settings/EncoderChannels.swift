/// What the widths of a compact encoder's stages must satisfy.
enum EncoderChannels {
    static var rule: Rule<[Int]> { Rule.within(1...2048).each(count: 1...8) }

    /// Group normalisation takes channels / 16 groups, so that wider stages must be multiples of 16.
    static func check(_ channels: [Int], _ origins: SettingsOrigins, _ path: [String]) throws {
        guard let width = channels.first(where: { $0 % max(1, $0 / 16) != 0 }) else { return }
        throw origins.violation(
            path, "channels", expected: "widths that channels / 16 groups divide, such as multiples of 16", found: "\(width)")
    }
}
