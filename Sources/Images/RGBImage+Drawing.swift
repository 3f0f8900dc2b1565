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
}
