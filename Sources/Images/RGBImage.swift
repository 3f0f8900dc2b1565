/// An 8-bit RGB picture, upright, rows from top to bottom. Pixels are [height, width, 3].
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public var pixels: [UInt8]  // [H, W, 3]

    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            pixels.count == width * height * 3, "\(pixels.count) bytes for an image of \(width) x \(height) x 3")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// One colour everywhere.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        self.init(
            width: width, height: height,
            pixels: (0..<width * height).flatMap { _ in [red, green, blue] })
    }

    public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        get {
            let i = (y * width + x) * 3
            return (pixels[i], pixels[i + 1], pixels[i + 2])
        }
        set {
            let i = (y * width + x) * 3
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (newValue.red, newValue.green, newValue.blue)
        }
    }
}

/// An 8-bit RGB colour.
public struct RGBColor: Sendable, Hashable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// From components in [0, 1]; values outside are clipped.
    public init(red: Double, green: Double, blue: Double) {
        func byte(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 1) * 255 + 0.5) }
        self.init(byte(red), byte(green), byte(blue))
    }

    /// From hue in turns (any real number), saturation and value in [0, 1].
    public init(hue: Double, saturation: Double, value: Double) {
        func channel(_ shift: Double) -> Double {
            let k = (shift + hue * 6).truncatingRemainder(dividingBy: 6)
            let position = k < 0 ? k + 6 : k
            return value - value * saturation * max(0, min(position, 4 - position, 1))
        }
        self.init(red: channel(5), green: channel(3), blue: channel(1))
    }

    public static let black = RGBColor(0, 0, 0)
    public static let white = RGBColor(255, 255, 255)
    public static let grey = RGBColor(128, 128, 128)

    /// Linear mix: `self` at fraction 0, `other` at fraction 1.
    public func mixed(with other: RGBColor, _ fraction: Double) -> RGBColor {
        func mix(_ a: UInt8, _ b: UInt8) -> Double { (Double(a) + (Double(b) - Double(a)) * fraction) / 255 }
        return RGBColor(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    /// Every component times `factor`, clipped.
    public func scaled(by factor: Double) -> RGBColor {
        RGBColor(
            red: Double(red) / 255 * factor, green: Double(green) / 255 * factor, blue: Double(blue) / 255 * factor)
    }
}

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
