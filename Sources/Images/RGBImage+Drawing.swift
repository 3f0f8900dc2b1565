/// Simple drawing for contact sheets. Whatever lies outside the picture is clipped.
extension RGBImage {
    public init(width: Int, height: Int, color: RGBColor) {
        self.init(width: width, height: height, red: color.red, green: color.green, blue: color.blue)
    }

    /// Sets one pixel when it lies inside.
    public mutating func set(_ x: Int, _ y: Int, _ color: RGBColor) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        self[x, y] = (color.red, color.green, color.blue)
    }

    /// Copies `image` so that its top left corner lies at (`x`, `y`).
    public mutating func paste(_ image: RGBImage, x: Int, y: Int) {
        let columns = max(0, -x)..<max(max(0, -x), min(image.width, width - x))
        guard !columns.isEmpty else { return }
        for row in max(0, -y)..<max(max(0, -y), min(image.height, height - y)) {
            let source = (row * image.width + columns.lowerBound) * 3
            let target = ((y + row) * width + x + columns.lowerBound) * 3
            pixels.replaceSubrange(
                target..<target + columns.count * 3, with: image.pixels[source..<source + columns.count * 3])
        }
    }

    /// Fills `width` x `height` pixels from (`x`, `y`).
    public mutating func fillRectangle(x: Int, y: Int, width: Int, height: Int, color: RGBColor) {
        for row in max(0, y)..<max(max(0, y), min(y + height, self.height)) {
            for column in max(0, x)..<max(max(0, x), min(x + width, self.width)) { set(column, row, color) }
        }
    }

    /// An outline of `thickness` pixels, drawn inwards from the rectangle's edge.
    public mutating func drawRectangle(
        x: Int, y: Int, width: Int, height: Int, color: RGBColor, thickness: Int = 1
    ) {
        fillRectangle(x: x, y: y, width: width, height: thickness, color: color)
        fillRectangle(x: x, y: y + height - thickness, width: width, height: thickness, color: color)
        fillRectangle(x: x, y: y, width: thickness, height: height, color: color)
        fillRectangle(x: x + width - thickness, y: y, width: thickness, height: height, color: color)
    }

    /// A straight line with both end points, one pixel wide (or a square brush of `thickness`).
    public mutating func drawLine(
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
    public mutating func drawText(_ text: String, x: Int, y: Int, color: RGBColor, scale: Int = 1) {
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
