import Images

/// One action dimension over time: the generated sequence over the nearest training sequence, in [-1, 1].
struct ActionPanel {
    static let generatedColour = RGBColor(213, 94, 0)
    static let nearestColour = RGBColor(0, 114, 178)
    /// Shown beyond [-1, 1], so that values at the ends do not lie on the frame.
    private static let limit: Float = 1.15

    let generated: [Float]
    let nearest: [Float]

    func draw(on sheet: inout RGBImage, x: Int, y: Int, width: Int, height: Int) {
        sheet.fillRectangle(x: x, y: y, width: width, height: height, color: RGBColor(247, 247, 247))
        for level in [Float(-1), 0, 1] {
            let row = y + pixel(level, height)
            let colour = level == 0 ? RGBColor(190, 190, 190) : RGBColor(222, 222, 222)
            sheet.drawLine(from: (x, row), to: (x + width - 1, row), color: colour)
        }
        sheet.drawRectangle(x: x, y: y, width: width, height: height, color: RGBColor(160, 160, 160))
        // The nearest sequence is thick and below, so that equal sequences show as a line with a core.
        trace(nearest, Self.nearestColour, thickness: 4, on: &sheet, x: x, y: y, width: width, height: height)
        trace(generated, Self.generatedColour, thickness: 2, on: &sheet, x: x, y: y, width: width, height: height)
    }

    private func trace(
        _ values: [Float], _ colour: RGBColor, thickness: Int, on sheet: inout RGBImage, x: Int, y: Int, width: Int, height: Int
    ) {
        let inset = 4
        func point(_ i: Int) -> (x: Int, y: Int) {
            (x + inset + i * (width - 2 * inset - 1) / max(1, values.count - 1), y + pixel(values[i], height))
        }
        for i in values.indices.dropLast() { sheet.drawLine(from: point(i), to: point(i + 1), color: colour, thickness: thickness) }
    }

    /// Row of a value inside a panel; values beyond the limit lie on the edge.
    private func pixel(_ value: Float, _ height: Int) -> Int {
        let clipped = value.isFinite ? min(max(value, -Self.limit), Self.limit) : 0
        return Int(((Self.limit - clipped) / (2 * Self.limit) * Float(height - 1)).rounded())
    }
}
