import Basics
import Foundation
import Testing

@testable import Probes

@Suite struct ManifoldShapeTests {
    @Test(arguments: ManifoldShape.allCases)
    func `distances to a curve are those to a dense sample of it`(shape: ManifoldShape) {
        let dense = shape.curve.evenPoints(20_000)
        var source = RandomSource(Seed(1))
        for _ in 0..<50 {
            let x = source.uniform(-1.3, 1.3), y = source.uniform(-1.3, 1.3)
            let brute = stride(from: 0, to: dense.count, by: 2).map {
                hypot(Double(dense[$0]) - x, Double(dense[$0 + 1]) - y)
            }.min() ?? 0
            let exact = shape.curve.distance(to: [x, y])
            #expect(exact <= brute + 1e-6 && brute - exact < 3e-4)
        }
    }

    @Test(arguments: ManifoldShape.allCases)
    func `the larger side of a shape is 2 and its middle the origin`(shape: ManifoldShape) {
        let points = shape.curve.evenPoints(50_000)
        let x = stride(from: 0, to: points.count, by: 2).map { points[$0] }
        let y = stride(from: 1, to: points.count, by: 2).map { points[$0] }
        let width = (x.max() ?? 0) - (x.min() ?? 0), height = (y.max() ?? 0) - (y.min() ?? 0)
        #expect(abs(max(width, height) - 2) < 0.2 && max(width, height) < 2.001)
        #expect(abs((x.max() ?? 0) + (x.min() ?? 0)) < 1e-3)
    }

    @Test func `lengths and distances with known values`() {
        #expect(ManifoldShape.rectangle.curve.length == 6)
        #expect(ManifoldShape.rectangle.curve.distance(to: [0, 0]) == 0.5)
        #expect(abs(ManifoldShape.rectangle.curve.distance(to: [1.3, 0.9]) - 0.5) < 1e-12)
        // Ramanujan's second approximation, good to 10⁻⁶ here.
        let h = pow(0.5 / 1.5, 2)
        let perimeter = Double.pi * 1.5 * (1 + 3 * h / (10 + (4 - 3 * h).squareRoot()))
        #expect(abs(ManifoldShape.ellipse.curve.length - perimeter) < 1e-4)
        #expect(abs(ManifoldShape.star.curve.distance(to: [0, 1.25]) - 0.25) < 1e-12)
    }

    @Test func `draws lie on the curve, uniformly by arc length, and repeat with their seed`() {
        let curve = ManifoldShape.rectangle.curve
        let points = curve.draw(20_000, seed: Seed(2))
        #expect((curve.distances(of: points).max() ?? 1) < 1e-6)
        // A long side is a third of the perimeter.
        let share = Double(stride(from: 1, to: points.count, by: 2).count { points[$0] == 0.5 }) / 20_000
        #expect(abs(share - 1.0 / 3) < 0.015)
        #expect(points == curve.draw(20_000, seed: Seed(2)))
        #expect(points != curve.draw(20_000, seed: Seed(3)))
    }
}
