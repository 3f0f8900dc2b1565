import Basics
import Images

/// A thing of a task that never moves, with sides along the world's x and y: a solid box on the table, or a flat mark.
public struct Fixture: Sendable, Equatable {
    /// On the table, metres.
    public let center: SIMD2<Double>
    /// Half its extent along x and y, metres.
    public let halfSize: SIMD2<Double>
    /// Above the table, metres; 0 for a mark, which stops nothing.
    public let height: Double
    public let color: RGBColor

    public init(center: SIMD2<Double>, halfSize: SIMD2<Double>, height: Double, color: RGBColor) {
        self.center = center
        self.halfSize = halfSize
        self.height = height
        self.color = color
    }

    public var isSolid: Bool { height > 0 }

    /// Whether a point of the table lies on it.
    public func covers(_ point: SIMD2<Double>) -> Bool { distance(to: point) == 0 }

    /// Horizontal distance of a point from it, metres; 0 on it.
    public func distance(to point: SIMD2<Double>) -> Double {
        let outside = SIMD2(max(abs(point.x - center.x) - halfSize.x, 0), max(abs(point.y - center.y) - halfSize.y, 0))
        return (outside * outside).sum().squareRoot()
    }

    var top: Double { TabletopGeometry.tableHeight + height }
    var footprint: Footprint { Footprint(center: center, axis: [1, 0], halfSize: halfSize) }
}

extension TabletopState.Cube {
    /// Its centre seen from above.
    var ground: SIMD2<Double> { SIMD2(position.x, position.y) }
}
