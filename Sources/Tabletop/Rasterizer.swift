import Foundation
import Images

/// Colour, inverse depth and surface mark per sample; draws triangles in perspective with a depth test.
struct Rasterizer {
    let width: Int
    let height: Int
    private var colors: [UInt32]  // [H, W], packed as by `packed`
    private var inverseDepths: [Float]  // [H, W], 0 = nothing yet
    private var isTable: [Bool]  // [H, W]
    private static let nearPlane: Float = 0.01

    init(width: Int, height: Int, background: Point) {
        self.width = width
        self.height = height
        colors = Array(repeating: Self.packed(Self.bytes(background)), count: width * height)
        inverseDepths = Array(repeating: 0, count: width * height)
        isTable = Array(repeating: false, count: width * height)
    }

    /// What a triangle does to the samples it covers.
    enum Paint {
        /// The corners' lit colours, interpolated, in front of what is there; the flag as below.
        case color(isTable: Bool)
        /// A lit texture; the flag marks the table's samples for later shadows.
        case texture(SurfaceTexture.Lit, isTable: Bool)
        /// Darkens each sample of the table once, whatever its depth.
        case shadow(Float)
    }

    /// A corner in camera coordinates (right, up, forward) with its lit colour in [0, 255] and texture coordinates.
    struct Corner {
        var position: Point
        var color = Point()
        var texture = SIMD2<Float>()
    }

    /// A colour with components in [0, 1], clipped, times 255.
    static func bytes(_ color: Point) -> Point { color.clamped(lowerBound: Point(), upperBound: Point(1, 1, 1)) * 255 }

    static func packed(_ bytes: Point) -> UInt32 {
        UInt32(Int32(bytes.x)) | UInt32(Int32(bytes.y)) << 8 | UInt32(Int32(bytes.z)) << 16
    }

    /// Draws one triangle, clipped at the near plane. `focal` is the focal length in samples.
    mutating func draw(_ a: Corner, _ b: Corner, _ c: Corner, focal: Float, paint: Paint) {
        let corners = (a, b, c)
        let inside = [a, b, c].map { $0.position.z > Self.nearPlane }
        if inside[0] && inside[1] && inside[2] { return fill(corners, focal, paint) }
        guard inside.contains(true) else { return }
        var clipped: [Corner] = []
        for (i, (from, to)) in [(a, b), (b, c), (c, a)].enumerated() {
            if inside[i] { clipped.append(from) }
            guard inside[i] != inside[(i + 1) % 3] else { continue }
            let t = (Self.nearPlane - from.position.z) / (to.position.z - from.position.z)
            clipped.append(
                Corner(
                    position: from.position + t * (to.position - from.position),
                    color: from.color + t * (to.color - from.color),
                    texture: from.texture + t * (to.texture - from.texture)))
        }
        for i in 1..<clipped.count - 1 { fill((clipped[0], clipped[i], clipped[i + 1]), focal, paint) }
    }

    private mutating func fill(_ corners: (Corner, Corner, Corner), _ focal: Float, _ paint: Paint) {
        let (a, b, c) = corners
        let inverse = Point(1 / a.position.z, 1 / b.position.z, 1 / c.position.z)
        let x = Point(a.position.x, b.position.x, c.position.x) * inverse * focal + Float(width) / 2
        let y = Float(height) / 2 - Point(a.position.y, b.position.y, c.position.y) * inverse * focal
        let area = (x.y - x.x) * (y.z - y.x) - (x.z - x.x) * (y.y - y.x)
        guard abs(area) > 1e-6, let triangle = ScreenTriangle(x: x, y: y, area: area, width: width, height: height) else {
            return
        }
        let depth = Gradient(inverse, triangle)
        switch paint {
        case .shadow(let factor): darken(triangle, by: UInt32(factor * 256))
        case .color(let isTable):
            let red = Gradient(Point(a.color.x, b.color.x, c.color.x), triangle)
            let green = Gradient(Point(a.color.y, b.color.y, c.color.y), triangle)
            let blue = Gradient(Point(a.color.z, b.color.z, c.color.z), triangle)
            fill(triangle, depth, isTable: isTable) { column, row, _ in
                // Scalars: the clamp of a SIMD type is many times slower.
                func byte(_ value: Float) -> UInt32 { UInt32(Int32(min(max(value, 0), 255))) }
                return byte(red[column, row]) | byte(green[column, row]) << 8 | byte(blue[column, row]) << 16
            }
        case .texture(let texture, let isTable):
            let across = Gradient(Point(a.texture.x, b.texture.x, c.texture.x) * inverse, triangle)
            let along = Gradient(Point(a.texture.y, b.texture.y, c.texture.y) * inverse, triangle)
            texture.withTexels { texels in
                fill(triangle, depth, isTable: isTable) { column, row, inverseDepth in
                    SurfaceTexture.Lit.texel(
                        texels, across[column, row] / inverseDepth, along[column, row] / inverseDepth)
                }
            }
        }
    }

    /// Colours the samples of a triangle that lie in front of what is there; through pointers, for speed.
    @inline(__always) private mutating func fill(
        _ triangle: ScreenTriangle, _ depth: Gradient, isTable marksTable: Bool,
        color: (_ column: Int, _ row: Int, _ inverseDepth: Float) -> UInt32
    ) {
        let width = width
        colors.withUnsafeMutableBufferPointer { colors in
            inverseDepths.withUnsafeMutableBufferPointer { inverseDepths in
                isTable.withUnsafeMutableBufferPointer { isTable in
                    triangle.forEachSpan { row, span in
                        for column in span {
                            let sample = row * width + column
                            let inverseDepth = depth[column, row]
                            guard inverseDepth > inverseDepths[sample] else { continue }
                            inverseDepths[sample] = inverseDepth
                            isTable[sample] = marksTable
                            colors[sample] = color(column, row, inverseDepth)
                        }
                    }
                }
            }
        }
    }

    /// Darkens those samples of a triangle that show the table and are not yet in the shadow.
    private mutating func darken(_ triangle: ScreenTriangle, by share: UInt32) {
        let width = width
        colors.withUnsafeMutableBufferPointer { colors in
            isTable.withUnsafeMutableBufferPointer { isTable in
                triangle.forEachSpan { row, span in
                    for sample in row * width + span.lowerBound..<row * width + span.upperBound where isTable[sample] {
                        let (even, odd) = (colors[sample] & 0xFF00FF, colors[sample] >> 8 & 0xFF)
                        colors[sample] = ((even * share) >> 8 & 0xFF00FF) | ((odd * share) >> 8) << 8
                        isTable[sample] = false
                    }
                }
            }
        }
    }

    /// The picture, each pixel the average of `factor` x `factor` samples.
    func resolved(by factor: Int) -> RGBImage {
        precondition(width % factor == 0 && height % factor == 0, "\(width) x \(height) samples by \(factor)")
        let (outputWidth, outputHeight) = (width / factor, height / factor)
        let count = UInt32(factor * factor)
        let pixels = [UInt8](unsafeUninitializedCapacity: outputWidth * outputHeight * 3) { pixels, size in
            colors.withUnsafeBufferPointer { colors in
                for y in 0..<outputHeight {
                    for x in 0..<outputWidth {
                        // Two sums in one word: 9 samples of 255 fit into 16 bits.
                        var even: UInt32 = 0, odd: UInt32 = 0
                        for row in y * factor..<(y + 1) * factor {
                            for column in x * factor..<(x + 1) * factor {
                                let color = colors[row * width + column]
                                even += color & 0xFF00FF
                                odd += color >> 8 & 0xFF
                            }
                        }
                        let i = (y * outputWidth + x) * 3
                        pixels[i] = UInt8(((even & 0xFFFF) + count / 2) / count)
                        pixels[i + 1] = UInt8((odd + count / 2) / count)
                        pixels[i + 2] = UInt8(((even >> 16) + count / 2) / count)
                    }
                }
            }
            size = outputWidth * outputHeight * 3
        }
        return RGBImage(width: outputWidth, height: outputHeight, pixels: pixels)
    }
}

/// A triangle in samples: which samples' centres it covers, row by row.
struct ScreenTriangle {
    /// Barycentric weights at the centre of sample (0, 0), and their change per column and row.
    let origin: Point
    let perColumn: Point
    let perRow: Point
    private let rows: ClosedRange<Int>
    private let lastColumn: Float

    /// Nil when the triangle lies outside the picture.
    init?(x: Point, y: Point, area: Float, width: Int, height: Int) {
        let top = max(y.min(), 0), bottom = min(y.max(), Float(height) - 0.5)
        guard top <= bottom, x.max() >= 0, x.min() < Float(width) else { return nil }
        rows = Int(top)...Int(bottom)
        lastColumn = Float(width - 1)
        perColumn = Point(y.y - y.z, y.z - y.x, y.x - y.y) / area
        perRow = Point(x.z - x.y, x.x - x.z, x.y - x.x) / area
        origin = perColumn * (0.5 - x.x) + perRow * (0.5 - y.x) + Point(1, 0, 0)
    }

    /// Calls `body` with each row and its covered columns. Spans reach a ten-thousandth of a sample too far, so that
    /// neighbours leave no gap between them.
    @inline(__always) func forEachSpan(_ body: (Int, Range<Int>) -> Void) {
        for row in rows {
            let weights = origin + Float(row) * perRow
            var first: Float = 0, last = lastColumn
            for corner in 0..<3 {
                let slope = perColumn[corner], weight = weights[corner]
                if slope > 0 {
                    first = max(first, -weight / slope - 1e-4)
                } else if slope < 0 {
                    last = min(last, -weight / slope + 1e-4)
                } else if weight < 0 {
                    last = -1
                }
            }
            first = first.rounded(.up)
            last = last.rounded(.down)
            if first <= last { body(row, Int(first)..<Int(last) + 1) }
        }
    }
}

/// A quantity that is linear over the screen, given at a triangle's corners.
struct Gradient {
    private let origin, perColumn, perRow: Float

    init(_ values: Point, _ triangle: ScreenTriangle) {
        origin = values.dot(triangle.origin)
        perColumn = values.dot(triangle.perColumn)
        perRow = values.dot(triangle.perRow)
    }

    @inline(__always) subscript(column: Int, row: Int) -> Float {
        origin + Float(column) * perColumn + Float(row) * perRow
    }
}
