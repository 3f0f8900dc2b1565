import Images

extension RGBImage {
    /// Fills `width` x `height` pixels from (`x`, `y`).
    mutating func fillRectangle(x: Int, y: Int, width: Int, height: Int, color: RGBColor) {
        for row in max(0, y)..<max(max(0, y), min(y + height, self.height)) {
            for column in max(0, x)..<max(max(0, x), min(x + width, self.width)) { set(column, row, color) }
        }
    }

    /// An outline of `thickness` pixels, drawn inwards from the rectangle's edge.
    mutating func drawRectangle(
        x: Int, y: Int, width: Int, height: Int, color: RGBColor, thickness: Int = 1
    ) {
        fillRectangle(x: x, y: y, width: width, height: thickness, color: color)
        fillRectangle(x: x, y: y + height - thickness, width: width, height: thickness, color: color)
        fillRectangle(x: x, y: y, width: thickness, height: height, color: color)
        fillRectangle(x: x + width - thickness, y: y, width: thickness, height: height, color: color)
    }

    /// A straight line with both end points, one pixel wide (or a square brush of `thickness`).
    mutating func drawLine(
        from start: (x: Int, y: Int), to end: (x: Int, y: Int), color: RGBColor, thickness: Int = 1
    ) {
        let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
        for step in 0...steps {
            let fraction = Double(step) / Double(steps)
            let x = Int((Double(start.x) + Double(end.x - start.x) * fraction).rounded())
            let y = Int((Double(start.y) + Double(end.y - start.y) * fraction).rounded())
            let corner = (thickness - 1) / 2
            fillRectangle(x: x - corner, y: y - corner, width: thickness, height: thickness, color: color)
        }
    }

    /// Text in the embedded 5 x 7 font, top left corner at (`x`, `y`); see `BitmapFont`.
    mutating func drawText(_ text: String, x: Int, y: Int, color: RGBColor, scale: Int = 1) {
        for (position, character) in text.enumerated() {
            let left = x + position * BitmapFont.advance * scale
            for (row, bits) in BitmapFont.rows(of: character).enumerated() {
                for column in 0..<BitmapFont.glyphWidth where bits >> (BitmapFont.glyphWidth - 1 - column) & 1 == 1 {
                    fillRectangle(
                        x: left + column * scale, y: y + row * scale, width: scale, height: scale, color: color)
                }
            }
        }
    }
}
