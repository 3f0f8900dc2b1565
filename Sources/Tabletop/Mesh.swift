import Foundation

typealias Point = SIMD3<Float>

extension SIMD3<Float> {
    func dot(_ other: Point) -> Float { x * other.x + y * other.y + z * other.z }
    func cross(_ other: Point) -> Point {
        Point(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }
    var unit: Point { self / dot(self).squareRoot() }
}

struct Vertex {
    var position: Point
    var normal: Point
    /// Texture coordinates in [0, 1] for textured surfaces.
    var texture = SIMD2<Float>()
}

/// Triangles of one surface, in world coordinates.
struct Mesh {
    enum Surface {
        case color(Point)
        /// Painted on the table: takes shadows.
        case mark(Point)
        case table, floor
    }
    var surface: Surface
    /// Three per triangle; the order does not matter, normals point outwards.
    var vertices: [Vertex] = []

    init(_ surface: Surface) { self.surface = surface }

    private mutating func addQuad(_ a: Vertex, _ b: Vertex, _ c: Vertex, _ d: Vertex) { vertices += [a, b, c, a, c, d] }

    /// A flat rectangle with texture coordinates that run along its sides.
    mutating func addRectangle(center: Point, sideX: Point, sideY: Point) {
        let normal = sideX.cross(sideY).unit
        func corner(_ x: Float, _ y: Float) -> Vertex {
            Vertex(position: center + x * sideX + y * sideY, normal: normal, texture: [(x + 1) / 2, (y + 1) / 2])
        }
        addQuad(corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1))
    }

    /// A box with half sizes `half` along the axes of `rotation`.
    mutating func addBox(center: Vector, rotation: Quaternion, half: Vector) {
        let sides = [
            Point(rotation.rotated(Vector(half.x, 0, 0))), Point(rotation.rotated(Vector(0, half.y, 0))),
            Point(rotation.rotated(Vector(0, 0, half.z))),
        ]
        for axis in 0..<3 {
            let (out, s, t) = (sides[axis], sides[(axis + 1) % 3], sides[(axis + 2) % 3])
            for sign in [Float(1), -1] {
                addRectangle(center: Point(center) + sign * out, sideX: s, sideY: sign * t)
            }
        }
    }

    /// A closed cylinder or cone stump from `start` to `end`, smooth around.
    mutating func addCylinder(
        from start: Vector, to end: Vector, radius: Double, endRadius: Double? = nil, sides: Int = 14
    ) {
        let axis = Point(end - start).unit
        let helper: Point = abs(axis.z) < 0.9 ? [0, 0, 1] : [1, 0, 0]
        let u = axis.cross(helper).unit
        let v = axis.cross(u)
        let radii = (Float(radius), Float(endRadius ?? radius))
        let around = (0...sides).map { step -> Point in
            let angle = 2 * Float.pi * Float(step) / Float(sides)
            return cos(angle) * u + sin(angle) * v
        }
        let (a, b) = (Point(start), Point(end))
        for (n0, n1) in zip(around, around.dropFirst()) {
            addQuad(
                Vertex(position: a + radii.0 * n0, normal: n0), Vertex(position: a + radii.0 * n1, normal: n1),
                Vertex(position: b + radii.1 * n1, normal: n1), Vertex(position: b + radii.1 * n0, normal: n0))
            vertices += [a, a + radii.0 * n0, a + radii.0 * n1].map { Vertex(position: $0, normal: -axis) }
            vertices += [b, b + radii.1 * n0, b + radii.1 * n1].map { Vertex(position: $0, normal: axis) }
        }
    }

    mutating func addSphere(center: Vector, radius: Double, rings: Int = 7, sides: Int = 12) {
        func vertex(_ ring: Int, _ side: Int) -> Vertex {
            let polar = Float.pi * Float(ring) / Float(rings), angle = 2 * Float.pi * Float(side) / Float(sides)
            let normal = Point(sin(polar) * cos(angle), sin(polar) * sin(angle), cos(polar))
            return Vertex(position: Point(center) + Float(radius) * normal, normal: normal)
        }
        for ring in 0..<rings {
            for side in 0..<sides {
                addQuad(
                    vertex(ring, side), vertex(ring + 1, side), vertex(ring + 1, side + 1), vertex(ring, side + 1))
            }
        }
    }
}

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
