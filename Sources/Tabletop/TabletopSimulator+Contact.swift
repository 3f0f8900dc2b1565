import Foundation

/// What happens between fingers, cube and table. The rules, in this order, in every substep (10 ms):
///
/// 1. A held cube moves with the hand. It is let go when the fingers open by more than 0.5 mm beyond it. Were it to
///    reach into the table, the hand stops at that height.
/// 2. A free cube falls with 9.81 m/s² until its lowest corner rests on the table, stops there, and tips onto its
///    nearest face at 5 rad/s. Nothing stays on a wall or on another cube: a cube that comes down there slides off the
///    shortest way at 0.3 m/s.
/// 3. A finger tip that comes down onto a cube (less than 8 mm deep) stops the hand at the cube's top.
/// 4. One finger beside a cube pushes it away along the shortest horizontal way out (separating axes of the two
///    footprints); the cube slides without turning.
/// 5. Two fingers on a cube squeeze it. The grasp holds when the cube's centre is within 15 mm of the pads' middle
///    across the finger axis, the grip site within 18 mm of its height, and the hand within 30° of straight
///    down: then the cube is centred and turned until its faces lie on the pads, at any yaw, as two flat pads turn a cube whose
///    corners they press; and once the fingers are as close as the cube is wide, it is held. Otherwise the fingers stop at
///    the cube and nothing holds it.
///
/// What walls and further cubes add is in `TabletopSimulator+Obstacles.swift`.
extension TabletopSimulator {
    static let gravity = 9.81
    static let topContactDepth = 0.008
    static let acrossTolerance = 0.015
    static let heightTolerance = 0.018
    static let tiltTolerance = Double.pi / 6
    static let releaseGap = 0.0005
    static let slidingSpeed = 0.3

    mutating func resolveContacts() {
        for index in state.cubes.indices {
            if let grasp = state.grasp, grasp.cube == index { carry(grasp) } else { fall(index) }
        }
        guard state.grasp == nil else { return }
        for index in state.cubes.indices where state.grasp == nil { touch(index) }
    }

    private mutating func carry(_ grasp: TabletopState.Grasp) {
        let halfSize = TabletopGeometry.cubeHalfSize
        if state.fingerPosition > halfSize + Self.releaseGap { state.grasp = nil }
        state.fingerPosition = max(state.fingerPosition, halfSize)
        var cube = state.cubes[grasp.cube]
        cube.orientation = (state.orientation * grasp.orientation).normalized
        cube.position = state.position + state.orientation.rotated(grasp.position)
        let depth = TabletopGeometry.tableHeight + cube.restingHeight - cube.position.z
        if depth > 0 {
            state.position.z += depth
            cube.position.z += depth
            state.velocity.z = max(state.velocity.z, 0)
        }
        state.cubes[grasp.cube] = cube
    }

    private mutating func fall(_ index: Int) {
        var cube = state.cubes[index]
        let things = supports(of: index)
        let ground = things.reduce(TabletopGeometry.tableHeight) { max($0, $1.top) }
        let support = ground + cube.restingHeight
        if cube.position.z > support {
            cube.verticalSpeed -= Self.gravity * Self.substep
            cube.position.z += cube.verticalSpeed * Self.substep
        }
        if cube.position.z <= support {
            cube.verticalSpeed = 0
            let tip = cube.tipToNearestFace
            if tip.length > 0 {
                let turn = tip * min(1, 5 * Self.substep / tip.length)
                cube.orientation = (Quaternion(rotation: turn) * cube.orientation).normalized
            }
            cube.position.z = ground + cube.restingHeight
            for thing in things {
                cube.position += thing.wayOff * min(1, Self.slidingSpeed * Self.substep / thing.wayOff.length)
            }
        }
        state.cubes[index] = cube
    }

    private mutating func touch(_ index: Int) {
        let top = state.cubes[index].position.z + state.cubes[index].restingHeight
        let depth = top - (state.position.z - TabletopGeometry.fingerTip)
        guard depth > 0, state.position.z - TabletopGeometry.fingerTip > state.cubes[index].position.z - 0.04 else { return }
        var footprint = Footprint(cube: state.cubes[index])
        var pushes = Footprint.fingers(of: state).map { footprint.wayOut(of: $0) }
        guard pushes.contains(where: { $0 != nil }) else { return }
        if depth < Self.topContactDepth {
            state.position.z += depth
            state.velocity.z = max(state.velocity.z, 0)
            return
        }
        if let push = pushes[0] ?? pushes[1], pushes[0] == nil || pushes[1] == nil {
            state.cubes[index].position += push
            footprint = Footprint(cube: state.cubes[index])
            pushes = Footprint.fingers(of: state).map { footprint.wayOut(of: $0) }
        }
        if pushes[0] != nil && pushes[1] != nil { squeeze(index) }
    }

    private mutating func squeeze(_ index: Int) {
        var cube = state.cubes[index]
        let halfSize = TabletopGeometry.cubeHalfSize
        let local = state.orientation.inverse.rotated(cube.position - state.position)
        let misalignment = wrapped(cube.orientation.yaw - state.orientation.yaw, period: Double.pi / 2)
        let extent = halfSize * (abs(cos(misalignment)) + abs(sin(misalignment)))
        let canHold =
            abs(local.x) <= Self.acrossTolerance && abs(cube.position.z - state.position.z) <= Self.heightTolerance
            && state.tilt <= Self.tiltTolerance
        guard canHold else {
            let width = min(extent + abs(local.y), TabletopGeometry.fingerTravel)
            state.fingerPosition = max(state.fingerPosition, width)
            return
        }
        state.fingerPosition = max(state.fingerPosition, halfSize)
        // The largest angle at which the cube fits between the fingers: half size · (cos φ + sin φ) = finger position.
        let ratio = min(state.fingerPosition / halfSize / 2.0.squareRoot(), 1)
        let fitting = max(asin(ratio) - Double.pi / 4, 0)
        let turn = misalignment - min(max(misalignment, -fitting), fitting)
        cube.orientation = (Quaternion(yaw: -turn) * cube.orientation).normalized
        let fingerAxis = state.orientation.rotated(Vector(0, 1, 0))
        cube.position -= Vector(fingerAxis.x, fingerAxis.y, 0) * local.y
        state.cubes[index] = cube
        if state.fingerPosition <= halfSize {
            let inverse = state.orientation.inverse
            state.cubes[index].verticalSpeed = 0
            state.grasp = .init(
                cube: index, position: inverse.rotated(cube.position - state.position),
                orientation: (inverse * cube.orientation).normalized)
        }
    }
}

extension TabletopState {
    /// Angle between the approach axis and straight down.
    var tilt: Double { acos(min(max(-orientation.rotated(Vector(0, 0, 1)).z, -1), 1)) }
}

extension TabletopState.Cube {
    /// Height of the centre above a plane that the lowest corner touches.
    var restingHeight: Double {
        let up = orientation.inverse.rotated(Vector(0, 0, 1))
        return TabletopGeometry.cubeHalfSize * (abs(up.x) + abs(up.y) + abs(up.z))
    }

    /// Rotation vector that lays the nearest face flat; zero when it lies.
    var tipToNearestFace: Vector {
        let up = orientation.inverse.rotated(Vector(0, 0, 1))
        var face = Vector()
        for axis in 0..<3 where abs(up[axis]) == up.largestMagnitude && face == Vector() {
            face[axis] = up[axis] < 0 ? -1 : 1
        }
        let normal = orientation.rotated(face)
        let axis = normal.cross(Vector(0, 0, 1))
        let sine = axis.length
        return sine < 1e-9 ? Vector() : axis * (atan2(sine, normal.z) / sine)
    }
}
