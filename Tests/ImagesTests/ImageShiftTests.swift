import Basics
import Images
import Testing

@Suite struct ImageShiftTests {
    /// Smooth in both directions, so that small moves change pixels little.
    private static let picture: RGBImage = {
        var picture = RGBImage(width: 30, height: 20, color: .black)
        for y in 0..<20 {
            for x in 0..<30 { picture[x, y] = (UInt8(8 * x), UInt8(12 * y), UInt8(60 + 3 * x + 2 * y)) }
        }
        return picture
    }()

    @Test(arguments: ImageShift.Kind.allCases)
    func `a shift keeps the size, is the same for the same seed and changes the picture`(kind: ImageShift.Kind) {
        let shifted = Self.picture.shifted(.varied(kind, seed: Seed(1)))
        #expect((shifted.width, shifted.height) == (30, 20))
        #expect(shifted == Self.picture.shifted(.varied(kind, seed: Seed(1))))
        #expect(shifted != Self.picture && shifted != Self.picture.shifted(.varied(kind, seed: Seed(2))))
    }

    @Test(arguments: [
        ImageShift.color(hue: 0, saturation: 1), .light(gain: [1, 1, 1], gamma: 1), .camera(turn: 0, x: 0, y: 0, zoom: 1),
    ])
    func `the shift by nothing is the identity`(shift: ImageShift) {
        #expect(Self.picture.shifted(shift) == Self.picture)
    }

    @Test func `a third of a turn makes red green, green blue, and leaves grey`() {
        func turned(_ color: RGBColor) -> (red: UInt8, green: UInt8, blue: UInt8) {
            RGBImage(width: 1, height: 1, color: color).shifted(.color(hue: 1.0 / 3, saturation: 1))[0, 0]
        }
        #expect(turned(RGBColor(200, 40, 40)) == (40, 200, 40))
        #expect(turned(RGBColor(40, 200, 40)) == (40, 40, 200))
        #expect(turned(RGBColor(90, 90, 90)) == (90, 90, 90))
    }

    @Test func `hue, saturation and value lead back to the colour`() {
        for color in [RGBColor(10, 200, 30), RGBColor(250, 3, 77), RGBColor(0, 0, 0), RGBColor(40, 41, 255), RGBColor(255, 255, 0)] {
            let parts = color.hueSaturationValue
            #expect(RGBColor(hue: parts.hue, saturation: parts.saturation, value: parts.value) == color)
        }
    }

    @Test func `light multiplies each channel and clips`() {
        let grey = RGBImage(width: 2, height: 2, color: RGBColor(100, 100, 200))
        #expect(grey.shifted(.light(gain: [0.5, 1, 1.5], gamma: 1))[1, 1] == (50, 100, 255))
        #expect(grey.shifted(.light(gain: [1, 1, 1], gamma: 2))[0, 0] == (39, 39, 157))
    }

    @Test func `a camera moved by whole pixels moves the picture and repeats its edge`() {
        let moved = Self.picture.shifted(.camera(turn: 0, x: 3.0 / 30, y: -2.0 / 20, zoom: 1))
        #expect(moved[10, 5] == Self.picture[7, 7])
        #expect(moved[0, 5] == Self.picture[0, 7] && moved[10, 19] == Self.picture[7, 19])
    }

    @Test func `a quarter turn is clockwise and zoom enlarges about the middle`() {
        var picture = RGBImage(width: 9, height: 9, color: .black)
        picture[4, 0] = (255, 255, 255)
        #expect(picture.shifted(.camera(turn: .pi / 2, x: 0, y: 0, zoom: 1))[8, 4].red > 250)
        picture[4, 2] = (200, 0, 0)
        #expect(picture.shifted(.camera(turn: 0, x: 0, y: 0, zoom: 2))[4, 0] == (200, 0, 0))
    }
}
