import Images
import Testing

@Suite struct RGBImageResizeTests {
    /// A grey picture from one value per pixel.
    static func grey(_ width: Int, _ height: Int, _ values: [UInt8]) -> RGBImage {
        RGBImage(width: width, height: height, pixels: values.flatMap { [$0, $0, $0] })
    }

    @Test func `shrinking averages the area that an output pixel covers`() {
        let image = Self.grey(4, 2, [0, 100, 10, 20, 200, 100, 30, 40])
        #expect(image.resized(width: 2, height: 1) == Self.grey(2, 1, [100, 25]))
        // 3 -> 2: each output covers one pixel and half of the middle one.
        #expect(Self.grey(3, 1, [0, 90, 240]).resized(width: 2, height: 1) == Self.grey(2, 1, [30, 190]))
    }

    @Test func `growing interpolates between pixel centres`() {
        #expect(Self.grey(2, 1, [0, 200]).resized(width: 4, height: 1) == Self.grey(4, 1, [0, 50, 150, 200]))
        #expect(Self.grey(1, 1, [7]).resized(width: 3, height: 2) == Self.grey(3, 2, [7, 7, 7, 7, 7, 7]))
    }

    @Test func `a constant picture stays constant at any size`() {
        let image = RGBImage(width: 17, height: 13, color: RGBColor(255, 3, 128))
        for (width, height) in [(5, 29), (84, 84), (1, 1), (16, 13)] {
            #expect(image.resized(width: width, height: height)
                == RGBImage(width: width, height: height, color: RGBColor(255, 3, 128)))
        }
    }

    @Test func `cropping to an aspect ratio keeps the centre`() {
        #expect(Self.grey(4, 1, [1, 2, 3, 4]).centerCropped(toAspect: 2, 1) == Self.grey(2, 1, [2, 3]))
        #expect(Self.grey(1, 3, [1, 2, 3]).centerCropped(toAspect: 84, 84) == Self.grey(1, 1, [2]))
        let fitted = RGBImage(width: 300, height: 100, color: .grey).fitted(width: 84, height: 60)
        #expect((fitted.width, fitted.height) == (84, 60))
    }

    @Test func `containing keeps the whole picture between two bands of the background`() {
        let image = Self.grey(4, 2, [10, 20, 30, 40, 10, 20, 30, 40])
        let contained = image.contained(width: 4, height: 4, background: RGBColor(1, 2, 3))
        #expect((0..<4).map { contained[$0, 1].red } == [10, 20, 30, 40])
        #expect(contained[0, 0] == (1, 2, 3) && contained[3, 3] == (1, 2, 3))
        let tall = Self.grey(1, 3, [9, 9, 9]).contained(width: 84, height: 60)
        #expect((tall.width, tall.height) == (84, 60) && tall[42, 30] == (9, 9, 9) && tall[0, 0] == (255, 255, 255))
    }
}
