import Basics
import Foundation

/// A closed polyline in the plane. A smooth shape is one of 2,048 chords, which leave it by less than 10⁻⁵ of its size.
public struct ClosedCurve: Sendable {
    typealias Point = SIMD2<Double>

    let vertices: [Point]
    /// Length of the curve up to each vertex, and its whole length at the end.
    let lengths: [Double]

    public var length: Double { lengths[lengths.count - 1] }

    init(_ vertices: [Point]) {
        precondition(vertices.count > 2, "a closed curve of \(vertices.count) vertices")
        self.vertices = vertices
        var lengths = [0.0]
        for index in vertices.indices {
            let edge = vertices[(index + 1) % vertices.count] - vertices[index]
            lengths.append(lengths[index] + (edge * edge).sum().squareRoot())
        }
        self.lengths = lengths
    }

    /// The point at a length along the curve, 0 ... `length`.
    func point(at place: Double) -> Point {
        var low = 0, high = vertices.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lengths[middle] <= place { low = middle } else { high = middle - 1 }
        }
        let share = (place - lengths[low]) / (lengths[low + 1] - lengths[low])
        return vertices[low] + (vertices[(low + 1) % vertices.count] - vertices[low]) * share
    }

    /// Points drawn uniformly by arc length, in their order along the curve. [count, 2]
    public func draw(_ count: Int, seed: Seed) -> [Float] {
        var source = RandomSource(seed)
        return flat((0..<count).map { _ in source.uniform(0, length) }.sorted())
    }

    /// Points at equal distances along the curve. [count, 2]
    public func evenPoints(_ count: Int) -> [Float] { flat((0..<count).map { length * Double($0) / Double(count) }) }

    private func flat(_ places: [Double]) -> [Float] {
        places.flatMap { place in
            let point = point(at: place)
            return [Float(point.x), Float(point.y)]
        }
    }

    /// Distance of each point [n, 2] to the nearest point of the curve. [n]
    public func distances(of points: [Float]) -> [Float] {
        stride(from: 0, to: points.count, by: 2).map {
            Float(distance(to: Point(Double(points[$0]), Double(points[$0 + 1]))))
        }
    }

    func distance(to point: Point) -> Double {
        var best = Double.infinity
        for index in vertices.indices {
            let start = vertices[index], edge = vertices[index + 1 == vertices.count ? 0 : index + 1] - start
            let share = min(max((edge * (point - start)).sum() / (edge * edge).sum(), 0), 1)
            let gap = point - start - edge * share
            best = min(best, (gap * gap).sum())
        }
        return best.squareRoot()
    }
}

/// The four curves of He et al. 2025, of size 2: the larger side of each is 2, its middle the origin.
public enum ManifoldShape: String, Sendable, CaseIterable {
    /// Semi-axes 1 and 0.5.
    case ellipse
    /// 2 x 1.
    case rectangle
    /// 16 sin³ t, 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled to width 2.
    case heart
    /// The outline of a pentagram with its tips on the unit circle.
    case star

    private static let curves = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.makeCurve()) })

    public var curve: ClosedCurve { Self.curves[self] ?? makeCurve() }

    private func makeCurve() -> ClosedCurve {
        switch self {
        case .ellipse: Self.smooth { [cos($0), 0.5 * sin($0)] }
        case .rectangle: ClosedCurve([[1, -0.5], [1, 0.5], [-1, 0.5], [-1, -0.5]])
        case .heart:
            // -2.5 is the middle of the heights -17 and 12.
            Self.smooth { t in
                let height = 13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)
                return [pow(sin(t), 3), (height + 2.5) / 16]
            }
        case .star:
            ClosedCurve(
                (0..<10).map { corner in
                    // Inner over outer radius of a pentagram is 1 / φ², φ the golden ratio.
                    let radius = corner.isMultiple(of: 2) ? 1 : (3 - 5.0.squareRoot()) / 2
                    let angle = Double.pi * (0.5 + Double(corner) / 5)
                    return [radius * cos(angle), radius * sin(angle)]
                })
        }
    }

    private static func smooth(_ point: (Double) -> ClosedCurve.Point) -> ClosedCurve {
        ClosedCurve((0..<2048).map { point(2 * Double.pi * Double($0) / 2048) })
    }
}
