extension RGBColor {
    /// Hue in turns [0, 1) (0 for greys), saturation and value in [0, 1]: the inverse of `init(hue:saturation:value:)`.
    public var hueSaturationValue: (hue: Double, saturation: Double, value: Double) {
        let (red, green, blue) = (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
        let value = max(red, green, blue), range = value - min(red, green, blue)
        guard range > 0 else { return (0, 0, value) }
        let sixth =
            value == red ? (green - blue) / range : value == green ? 2 + (blue - red) / range : 4 + (red - green) / range
        return ((sixth < 0 ? sixth + 6 : sixth) / 6, range / value, value)
    }
}
