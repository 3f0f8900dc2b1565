import Images
import Testing

@Suite struct RGBImageDrawingTests {
    static func marked(_ image: RGBImage) -> Set<[Int]> {
        var result: Set<[Int]> = []
        for y in 0..<image.height { for x in 0..<image.width where image[x, y] != (0, 0, 0) { result.insert([x, y]) } }
        return result
    }

    @Test func `pasting copies exactly and clips at every side`() {
        let patch = RGBImage(width: 2, height: 2, pixels: (1...12).map { UInt8($0) })
        var canvas = RGBImage(width: 3, height: 3, color: .black)
        canvas.paste(patch, x: 1, y: 1)
        #expect(canvas[1, 1] == (1, 2, 3) && canvas[2, 2] == (10, 11, 12) && canvas[0, 0] == (0, 0, 0))
        canvas = RGBImage(width: 3, height: 3, color: .black)
        canvas.paste(patch, x: -1, y: -1)
        #expect(canvas[0, 0] == (10, 11, 12) && Self.marked(canvas).count == 1)
        canvas.paste(patch, x: 5, y: 0)
        canvas.paste(patch, x: 0, y: -7)
        #expect(Self.marked(canvas).count == 1)
    }
}
