import Foundation

/// A rectangle in the table's plane: the outline of a cube or of a finger seen from above.
struct Footprint {
    var center: SIMD2<Double>
    /// Unit vector of the first side; the second is its perpendicular.
    var axis: SIMD2<Double>
    var halfSize: SIMD2<Double>

    init(center: SIMD2<Double>, axis: SIMD2<Double>, halfSize: SIMD2<Double>) {
        self.center = center
        self.axis = axis
        self.halfSize = halfSize
    }

    init(cube: TabletopState.Cube) {
        let yaw = cube.orientation.yaw
        self.init(
            center: SIMD2(cube.position.x, cube.position.y), axis: SIMD2(cos(yaw), sin(yaw)),
            halfSize: SIMD2(repeating: TabletopGeometry.cubeHalfSize))
    }

    /// The finger on the positive and the one on the negative side of the hand's y axis.
    static func fingers(of state: TabletopState) -> [Footprint] {
        let yaw = state.orientation.yaw
        let across = SIMD2(cos(yaw), sin(yaw))
        let along = state.orientation.rotated(Vector(0, 1, 0))
        return [1.0, -1.0].map { side in
            let offset = (state.fingerPosition + TabletopGeometry.fingerHalfThickness) * side * along
            return Footprint(
                center: SIMD2(state.position.x + offset.x, state.position.y + offset.y), axis: across,
                halfSize: SIMD2(TabletopGeometry.padHalfWidth, TabletopGeometry.fingerHalfThickness))
        }
    }

    private var axes: [SIMD2<Double>] { [axis, SIMD2(-axis.y, axis.x)] }

    private func extent(along direction: SIMD2<Double>) -> Double {
        let axes = axes
        return halfSize.x * abs((axes[0] * direction).sum()) + halfSize.y * abs((axes[1] * direction).sum())
    }

    /// The shortest horizontal move that takes this rectangle out of `other`; nil when they do not overlap by more
    /// than a micrometre.
    func wayOut(of other: Footprint) -> Vector? {
        let offset = center - other.center
        var shortest: (depth: Double, move: Vector)?
        for direction in axes + other.axes {
            let distance = (offset * direction).sum()
            let depth = extent(along: direction) + other.extent(along: direction) - abs(distance)
            guard depth > 1e-6 else { return nil }
            if depth < shortest?.depth ?? .infinity {
                let move = direction * (distance < 0 ? -depth : depth)
                shortest = (depth, Vector(move.x, move.y, 0))
            }
        }
        return shortest?.move
    }
}
