import Foundation
import Images

/// Colour, inverse depth and surface mark per sample; draws triangles in perspective with a depth test.
struct Rasterizer {
    let width: Int
    let height: Int
    private var colors: [Point]  // [H, W], components in [0, 1]
    private var inverseDepths: [Float]  // [H, W], 0 = nothing yet
    private var isTable: [Bool]  // [H, W]
    private static let nearPlane: Float = 0.01

    init(width: Int, height: Int, background: Point) {
        self.width = width
        self.height = height
        colors = Array(repeating: background, count: width * height)
        inverseDepths = Array(repeating: 0, count: width * height)
        isTable = Array(repeating: false, count: width * height)
    }

    /// What a mesh does to the samples it covers.
    enum Paint {
        /// Lit colour, in front of what is there; the flag marks the table's samples for later shadows.
        case surface(SurfaceTexture?, isTable: Bool)
        /// Darkens each sample of the table once, whatever its depth.
        case shadow(Float)
    }

    /// A corner in camera coordinates (right, up, forward) with its lit colour and texture coordinates.
    struct Corner {
        var position: Point
        var color: Point
        var texture: SIMD2<Float>
    }

    mutating func draw(_ triangle: (Corner, Corner, Corner), focal: Float, paint: Paint) {
        let corners = [triangle.0, triangle.1, triangle.2]
        let inside = corners.map { $0.position.z > Self.nearPlane }
        if inside.allSatisfy({ $0 }) { return fill(corners[0], corners[1], corners[2], focal, paint) }
        guard inside.contains(true) else { return }
        var clipped: [Corner] = []
        for i in 0..<3 {
            let (a, b) = (corners[i], corners[(i + 1) % 3])
            if inside[i] { clipped.append(a) }
            guard inside[i] != inside[(i + 1) % 3] else { continue }
            let t = (Self.nearPlane - a.position.z) / (b.position.z - a.position.z)
            clipped.append(
                Corner(
                    position: a.position + t * (b.position - a.position), color: a.color + t * (b.color - a.color),
                    texture: a.texture + t * (b.texture - a.texture)))
        }
        for i in 1..<clipped.count - 1 { fill(clipped[0], clipped[i], clipped[i + 1], focal, paint) }
    }

    private mutating func fill(_ a: Corner, _ b: Corner, _ c: Corner, _ focal: Float, _ paint: Paint) {
        let inverse = Point(1 / a.position.z, 1 / b.position.z, 1 / c.position.z)
        let x = Point(a.position.x, b.position.x, c.position.x) * inverse * focal + Float(width) / 2
        let y = Float(height) / 2 - Point(a.position.y, b.position.y, c.position.y) * inverse * focal
        let area = (x.y - x.x) * (y.z - y.x) - (x.z - x.x) * (y.y - y.x)
        guard abs(area) > 1e-6 else { return }
        let columns = (max(x.min(), 0), min(x.max(), Float(width)))
        let rows = (max(y.min(), 0), min(y.max(), Float(height)))
        guard columns.0 < columns.1, rows.0 < rows.1 else { return }
        let firstColumn = Int(columns.0), lastColumn = min(Int(columns.1), width - 1)
        let firstRow = Int(rows.0), lastRow = min(Int(rows.1), height - 1)

        // Barycentric weights of a sample, and their change per column and row.
        let perColumn = Point(y.y - y.z, y.z - y.x, y.x - y.y) / area
        let perRow = Point(x.z - x.y, x.x - x.z, x.y - x.x) / area
        let start = Point(Float(firstColumn) + 0.5, Float(firstRow) + 0.5, 0)
        var rowWeights =
            perColumn * (start.x - x.x) + perRow * (start.y - y.x) + Point(1, 0, 0)
        for row in firstRow...lastRow {
            var weights = rowWeights
            rowWeights += perRow
            for column in firstColumn...lastColumn {
                defer { weights += perColumn }
                guard weights.x >= 0, weights.y >= 0, weights.z >= 0 else { continue }
                let sample = row * width + column
                switch paint {
                case .shadow(let factor):
                    guard isTable[sample] else { continue }
                    colors[sample] *= factor
                    isTable[sample] = false
                case .surface(let texture, let marksTable):
                    let parts = weights * inverse
                    let depth = parts.x + parts.y + parts.z
                    guard depth > inverseDepths[sample] else { continue }
                    inverseDepths[sample] = depth
                    isTable[sample] = marksTable
                    let shares = parts / depth
                    var color = shares.x * a.color + shares.y * b.color + shares.z * c.color
                    if let texture {
                        let at = shares.x * a.texture + shares.y * b.texture + shares.z * c.texture
                        color *= texture.color(at.x, at.y)
                    }
                    colors[sample] = color
                }
            }
        }
    }

    /// The picture, each pixel the average of `factor` x `factor` samples.
    func resolved(by factor: Int) -> RGBImage {
        precondition(width % factor == 0 && height % factor == 0, "\(width) x \(height) samples by \(factor)")
        let (outputWidth, outputHeight) = (width / factor, height / factor)
        var pixels = [UInt8](repeating: 0, count: outputWidth * outputHeight * 3)
        let scale = 255 / Float(factor * factor)
        for y in 0..<outputHeight {
            for x in 0..<outputWidth {
                var sum = Point()
                for row in y * factor..<(y + 1) * factor {
                    for column in x * factor..<(x + 1) * factor {
                        sum += colors[row * width + column].clamped(lowerBound: Point(), upperBound: Point(1, 1, 1))
                    }
                }
                let i = (y * outputWidth + x) * 3
                for channel in 0..<3 { pixels[i + channel] = UInt8(sum[channel] * scale + 0.5) }
            }
        }
        return RGBImage(width: outputWidth, height: outputHeight, pixels: pixels)
    }
}
