import Foundation

/// Filled shapes with smooth edges, for drawn pictures. Coordinates: the shorter side of the picture spans [-1, 1], x to
/// the right, y upwards, after `scale`, `turn`, `mirrored` and `center`.
struct Canvas {
    typealias Point = SIMD2<Double>
    static let samples = 3

    /// Where the drawing's origin lies, in canvas units.
    var center = Point()
    var scale = 1.0
    /// Counter-clockwise, radians.
    var turn = 0.0
    var mirrored = false

    private let width: Int
    private let height: Int
    private var image: RGBImage  // samples x samples per pixel

    init(width: Int, height: Int, background: RGBColor) {
        self.width = width
        self.height = height
        image = RGBImage(width: width * Self.samples, height: height * Self.samples, color: background)
    }

    var finished: RGBImage { image.resized(width: width, height: height) }

    /// Half of the shorter side, in samples.
    private var unit: Double { Double(min(image.width, image.height)) / 2 }

    private func sample(_ point: Point) -> Point {
        let local = Point(mirrored ? -point.x : point.x, point.y) * scale
        let turned = Point(cos(turn) * local.x - sin(turn) * local.y, sin(turn) * local.x + cos(turn) * local.y) + center
        return Point(Double(image.width) / 2 + unit * turned.x, Double(image.height) / 2 - unit * turned.y)
    }

    /// Colours every sample; `color` gets canvas coordinates without the transform.
    mutating func paint(_ color: (Point) -> RGBColor) {
        for y in 0..<image.height {
            for x in 0..<image.width {
                let offset = Point(
                    Double(x) + 0.5 - Double(image.width) / 2, Double(image.height) / 2 - Double(y) - 0.5)
                image.set(x, y, color(offset / unit))
            }
        }
    }

    /// A closed polygon (even-odd rule).
    mutating func polygon(_ points: [Point], _ color: RGBColor) {
        let corners = points.map(sample)
        let top = max(Int(corners.map(\.y).min() ?? 0), 0)
        let bottom = min(Int(corners.map(\.y).max() ?? -1), image.height - 1)
        guard top <= bottom else { return }
        for row in top...bottom {
            let y = Double(row) + 0.5
            var crossings: [Double] = []
            for (a, b) in zip(corners, corners[1...] + corners[..<1]) where (a.y <= y) != (b.y <= y) {
                crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let first = max(Int((crossings[pair] - 0.5).rounded(.up)), 0)
                let last = min(Int((crossings[pair + 1] - 0.5).rounded(.down)), image.width - 1)
                for column in first..<max(first, last + 1) { image.set(column, row, color) }
            }
        }
    }

    /// An ellipse with half axes `radii`, turned by `angle`.
    mutating func ellipse(_ center: Point, _ radii: Point, angle: Double = 0, _ color: RGBColor) {
        polygon(
            (0..<40).map { step in
                let t = 2 * Double.pi * Double(step) / 40
                let (x, y) = (radii.x * cos(t), radii.y * sin(t))
                return center + Point(cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y)
            }, color)
    }

    /// A line through `points` with round joints; its width runs from `start` to `end`.
    mutating func stroke(_ points: [Point], start: Double, end: Double? = nil, _ color: RGBColor) {
        let last = Double(max(points.count - 1, 1))
        func half(_ index: Int) -> Double { (start + ((end ?? start) - start) * Double(index) / last) / 2 }
        for (index, point) in points.enumerated() { ellipse(point, Point(half(index), half(index)), color) }
        for (index, (a, b)) in zip(points, points.dropFirst()).enumerated() {
            let direction = b - a
            let length = (direction * direction).sum().squareRoot()
            guard length > 0 else { continue }
            let side = Point(-direction.y, direction.x) / length
            polygon(
                [a + side * half(index), b + side * half(index + 1), b - side * half(index + 1), a - side * half(index)],
                color)
        }
    }

    /// Points along a quadratic Bezier curve.
    static func curve(_ a: Point, _ b: Point, _ c: Point) -> [Point] {
        (0...12).map { step in
            let t = Double(step) / 12
            return (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c
        }
    }
}
