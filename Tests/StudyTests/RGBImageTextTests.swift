import Images
import Testing

@testable import Study

@Suite struct RGBImageTextTests {
    static func marked(_ image: RGBImage) -> Set<[Int]> {
        var result: Set<[Int]> = []
        for y in 0..<image.height { for x in 0..<image.width where image[x, y] != (0, 0, 0) { result.insert([x, y]) } }
        return result
    }

    @Test func `a line holds both ends and a rectangle only its edge`() {
        var canvas = RGBImage(width: 5, height: 5, color: .black)
        canvas.drawLine(from: (0, 0), to: (4, 2), color: .white)
        #expect(Self.marked(canvas) == [[0, 0], [1, 1], [2, 1], [3, 2], [4, 2]])
        canvas = RGBImage(width: 5, height: 5, color: .black)
        canvas.drawRectangle(x: 1, y: 1, width: 3, height: 3, color: .white)
        #expect(Self.marked(canvas).count == 8 && canvas[2, 2] == (0, 0, 0))
    }

    @Test func `text draws known glyphs, small letters as capitals, unknown ones as a question mark`() {
        func drawn(_ text: String) -> Set<[Int]> {
            var canvas = RGBImage(width: 40, height: 9, color: .black)
            canvas.drawText(text, x: 0, y: 0, color: .white)
            return Self.marked(canvas)
        }
        #expect(drawn("I") == [[1, 0], [2, 0], [3, 0], [2, 1], [2, 2], [2, 3], [2, 4], [2, 5], [1, 6], [2, 6], [3, 6]])
        #expect(drawn("dp") == drawn("DP") && drawn("é~") == drawn("É?"))
        #expect(drawn(" ").isEmpty)
        #expect(BitmapFont.width(of: "ABC") == 17)
    }
}
