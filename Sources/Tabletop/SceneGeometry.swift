import Foundation
import Images

/// The meshes of the cell: what stands still, and what a state moves.
struct SceneGeometry {
    let appearance: SceneAppearance
    let fixtures: [Fixture]

    private static func color(_ red: Float, _ green: Float, _ blue: Float) -> Mesh.Surface { .color([red, green, blue]) }
    private static func color(_ color: RGBColor) -> Mesh.Surface { .color(point(color)) }
    private static func point(_ color: RGBColor) -> Point {
        Point(Float(color.red), Float(color.green), Float(color.blue)) / 255
    }

    /// Floor, table and the arm's pedestal: they never move and lie under every shadow.
    var still: [Mesh] {
        typealias Geometry = TabletopGeometry
        let side = Geometry.tableHalfSide
        var floor = Mesh(.floor)
        floor.addRectangle(center: [0, 0, 0], sideX: [3, 0, 0], sideY: [0, 3, 0])
        var table = Mesh(.table)
        table.addRectangle(
            center: [0, 0, Float(Geometry.tableHeight)], sideX: [Float(side), 0, 0], sideY: [0, Float(side), 0])
        var frame = Mesh(Self.color(0.62, 0.56, 0.48))
        frame.addBox(
            center: Vector(0, 0, Geometry.tableHeight - 0.026), rotation: .identity, half: Vector(side, side, 0.025))
        var pedestal = Mesh(Self.color(0.16, 0.16, 0.18))
        pedestal.addBox(
            center: Vector(Geometry.base.x, 0, Geometry.base.z / 2), rotation: .identity,
            half: Vector(0.12, 0.12, Geometry.base.z / 2))
        // The floor last: the table hides most of it.
        return [table, frame, pedestal, floor]
    }

    /// Flat marks on the table, a little above it; shadows fall on them as on the table.
    var marks: [Mesh] {
        fixtures.filter { !$0.isSolid }.map { mark in
            var mesh = Mesh(.mark(Self.point(mark.color)))
            mesh.addRectangle(
                center: Point(Vector(mark.center.x, mark.center.y, TabletopGeometry.tableHeight + 0.0005)),
                sideX: [Float(mark.halfSize.x), 0, 0], sideY: [0, Float(mark.halfSize.y), 0])
            return mesh
        }
    }

    /// What stands on the table and casts shadows but never moves: the task's solid fixtures and the distractors.
    var standing: [Mesh] { solids + distractors }

    private var solids: [Mesh] {
        fixtures.filter(\.isSolid).map { box in
            var mesh = Mesh(Self.color(box.color))
            mesh.addBox(
                center: Vector(box.center.x, box.center.y, TabletopGeometry.tableHeight + box.height / 2),
                rotation: .identity, half: Vector(box.halfSize.x, box.halfSize.y, box.height / 2))
            return mesh
        }
    }

    private var distractors: [Mesh] {
        appearance.distractors.map { thing in
            var mesh = Mesh(Self.color(thing.color))
            let foot = Vector(thing.position.x, thing.position.y, TabletopGeometry.tableHeight)
            let center = foot + Vector(0, 0, thing.halfSize), top = foot + Vector(0, 0, 2 * thing.halfSize)
            switch thing.shape {
            case .box:
                mesh.addBox(
                    center: center, rotation: Quaternion(yaw: thing.yaw), half: Vector(repeating: thing.halfSize))
            case .cylinder: mesh.addCylinder(from: foot, to: top, radius: 0.8 * thing.halfSize)
            case .sphere: mesh.addSphere(center: center, radius: thing.halfSize)
            }
            return mesh
        }
    }

    func moving(_ state: TabletopState) -> [Mesh] { cubes(state) + gripper(state) + arm(state) }

    private func cubes(_ state: TabletopState) -> [Mesh] {
        state.cubes.enumerated().map { index, cube in
            var mesh = Mesh(Self.color(index == 0 ? appearance.cubeColor : appearance.otherCubeColor))
            mesh.addBox(
                center: cube.position, rotation: cube.orientation,
                half: Vector(repeating: TabletopGeometry.cubeHalfSize))
            return mesh
        }
    }

    private func gripper(_ state: TabletopState) -> [Mesh] {
        typealias Geometry = TabletopGeometry
        let hand = state.orientation
        /// A point given relative to the grip site in the hand's frame.
        func place(_ x: Double, _ y: Double, _ z: Double) -> Vector { state.position + hand.rotated(Vector(x, y, z)) }
        let palm = -Geometry.gripSite + 2 * Geometry.palmHalf.z
        var body = Mesh(Self.color(0.86, 0.87, 0.88))
        body.addBox(center: place(0, 0, palm - Geometry.palmHalf.z), rotation: hand, half: Geometry.palmHalf)
        var fingers = Mesh(Self.color(0.30, 0.31, 0.34))
        var pads = Mesh(Self.color(0.12, 0.12, 0.13))
        for side in [1.0, -1.0] {
            let y = side * (state.fingerPosition + Geometry.fingerHalfThickness)
            let length = Geometry.fingerTip - palm
            fingers.addBox(
                center: place(0, y, palm + length / 2), rotation: hand,
                half: Vector(Geometry.padHalfWidth, Geometry.fingerHalfThickness, length / 2))
            pads.addBox(
                center: place(0, side * (state.fingerPosition + 0.009), palm + 0.012), rotation: hand,
                half: Vector(0.012, 0.011, 0.012))
        }
        return [body, fingers, pads]
    }

    /// A Panda-like arm: shoulder, elbow above, wrist behind the hand; the elbow follows from two link lengths.
    private func arm(_ state: TabletopState) -> [Mesh] {
        let hand = state.orientation
        let flange = state.position - hand.rotated(Vector(0, 0, TabletopGeometry.gripSite))
        let wrist = flange + hand.rotated(Vector(-0.088, 0, -0.107))
        let shoulder = TabletopGeometry.base + Vector(0, 0, 0.333)
        let reach = wrist - shoulder
        let (upper, fore) = (0.326, 0.393)
        let distance = min(reach.length, upper + fore - 1e-6)
        let cosine = (upper * upper + distance * distance - fore * fore) / (2 * upper * distance)
        let direction = reach / reach.length
        let side = direction.cross(Vector(0, 0, 1))
        let above = side.cross(direction) / side.length
        let elbow = shoulder + upper * (cosine * direction + max(1 - cosine * cosine, 0).squareRoot() * above)

        var shell = Mesh(Self.color(0.93, 0.93, 0.92))
        shell.addCylinder(from: TabletopGeometry.base, to: shoulder, radius: 0.075, endRadius: 0.06)
        shell.addCylinder(from: shoulder, to: elbow, radius: 0.06, endRadius: 0.055)
        shell.addCylinder(from: elbow, to: wrist, radius: 0.055, endRadius: 0.048)
        shell.addCylinder(from: wrist, to: flange + hand.rotated(Vector(0, 0, -0.107)), radius: 0.045)
        shell.addCylinder(
            from: flange + hand.rotated(Vector(0, 0, -0.14)), to: flange + hand.rotated(Vector(0, 0, -0.02)),
            radius: 0.046)
        var joints = Mesh(Self.color(0.36, 0.37, 0.40))
        joints.addSphere(center: shoulder, radius: 0.078)
        joints.addSphere(center: elbow, radius: 0.068)
        joints.addSphere(center: wrist, radius: 0.06)
        joints.addCylinder(
            from: flange + hand.rotated(Vector(0, 0, -0.02)), to: flange, radius: 0.04)
        return [shell, joints]
    }
}
