import Foundation

/// Walls, posts and cubes in each other's way. With one cube and no solid fixture none of this applies. In every substep:
///
/// 1. Fingers, palm and held cube stay out of fixtures lower down than their top: the hand slides along them, and where it
///    cannot it stays as it was before the substep. Coming down less than 8 mm deep onto a rim stops it there. The arm
///    above the palm is not considered.
/// 2. A hand that holds a cube pushes other cubes with its fingers and the held cube, and stops on top of them.
/// 3. A free cube that was pushed pushes the next one, and a fixture stops it. Is it then in the way of what pushed it,
///    or does a cube between the fingers spread them into a fixture, hand and cubes stay where they were before the
///    substep (a falling cube falls on).
///
/// No substep moves a part by more than 8 mm, less than a wall is thick: nothing passes through.
extension TabletopSimulator {
    private struct Part {
        let footprint: Footprint
        let bottom: Double
    }

    private var hasObstacles: Bool { !solids.isEmpty || state.cubes.count > 1 }

    /// Fingers and held cube, then the palm.
    private func handParts(_ state: TabletopState) -> [Part] {
        lowParts(state) + [Part(footprint: .palm(of: state), bottom: state.palmBottom)]
    }

    private func lowParts(_ state: TabletopState) -> [Part] {
        var parts = Footprint.fingers(of: state).map {
            Part(footprint: $0, bottom: state.position.z - TabletopGeometry.fingerTip)
        }
        if let grasp = state.grasp {
            let cube = state.pose(of: grasp)
            parts.append(Part(footprint: Footprint(cube: cube), bottom: cube.position.z - cube.restingHeight))
        }
        return parts
    }

    /// Rule 1.
    mutating func keepHandOut(_ before: TabletopState) {
        guard !solids.isEmpty else { return }
        // The fingers close no further than the held cube lets them.
        if state.grasp != nil { state.fingerPosition = max(state.fingerPosition, TabletopGeometry.cubeHalfSize) }
        for _ in 0..<3 {
            if !slideHand() { return }
        }
        if slideHand() { stayAsBefore(before) }
    }

    /// Moves the hand out of every fixture once; false when it was in none.
    private mutating func slideHand() -> Bool {
        var moved = false
        for solid in solids {
            for part in handParts(state) where part.bottom < solid.top - 1e-6 {
                guard let push = part.footprint.wayOut(of: solid.footprint) else { continue }
                moved = true
                let depth = solid.top - part.bottom
                move(depth < Self.topContactDepth ? Vector(0, 0, depth) : push)
                break
            }
        }
        return moved
    }

    /// Shifts the hand and takes away its speed against the shift.
    private mutating func move(_ shift: Vector) {
        let direction = shift / shift.length
        state.position += shift
        state.velocity -= min(state.velocity.dot(direction), 0) * direction
    }

    private mutating func stayAsBefore(_ before: TabletopState) {
        state.position = before.position
        state.orientation = before.orientation
        state.fingerPosition = before.fingerPosition
        state.velocity = Vector()
        state.angularVelocity = Vector()
    }

    /// What a falling cube would come down on: height, and the shortest horizontal way off it.
    func supports(of index: Int) -> [(top: Double, wayOff: Vector)] {
        guard hasObstacles else { return [] }
        let cube = state.cubes[index], footprint = Footprint(cube: cube)
        let bottom = cube.position.z - cube.restingHeight
        let others = state.cubes.indices.filter { $0 != index && $0 != state.grasp?.cube }.map { other in
            (top: state.cubes[other].top, footprint: Footprint(cube: state.cubes[other]))
        }
        return (solids.map { (top: $0.top, footprint: $0.footprint) } + others).compactMap { thing in
            guard bottom > thing.top - Self.topContactDepth else { return nil }
            return footprint.wayOut(of: thing.footprint).map { (thing.top, $0) }
        }
    }

    /// Rules 2 and 3.
    mutating func separateCubes(_ before: TabletopState) {
        guard hasObstacles else { return }
        if state.grasp != nil {
            for index in state.cubes.indices where index != state.grasp?.cube { brush(index) }
        }
        var isJammed = false
        for index in state.cubes.indices where state.cubes[index].ground != before.cubes[index].ground {
            guard index != state.grasp?.cube else { continue }
            for other in state.cubes.indices where other != index && other != state.grasp?.cube && areLevel(index, other) {
                let way = Footprint(cube: state.cubes[other]).wayOut(of: Footprint(cube: state.cubes[index]))
                state.cubes[other].position += way ?? Vector()
            }
        }
        for index in state.cubes.indices where index != state.grasp?.cube {
            for solid in solids where solid.top - state.cubes[index].bottom > Self.topContactDepth {
                guard let way = Footprint(cube: state.cubes[index]).wayOut(of: solid.footprint) else { continue }
                state.cubes[index].position += way
                isJammed = isJammed || touchesPusher(index)
            }
        }
        // A cube between the fingers may have spread them.
        guard isJammed || isHandInFixture else { return }
        stayAsBefore(before)
        state.grasp = before.grasp
        for index in state.cubes.indices where state.cubes[index].verticalSpeed == 0 {
            state.cubes[index] = before.cubes[index]
        }
    }

    private var isHandInFixture: Bool {
        var copy = self
        return copy.slideHand()
    }

    /// Rule 2 for one free cube.
    private mutating func brush(_ index: Int) {
        for part in lowParts(state) {
            let cube = state.cubes[index], depth = cube.top - part.bottom
            guard depth > 1e-6, let push = Footprint(cube: cube).wayOut(of: part.footprint) else { continue }
            if depth < Self.topContactDepth {
                move(Vector(0, 0, depth))
                if let grasp = state.grasp { state.cubes[grasp.cube] = state.pose(of: grasp) }
            } else {
                state.cubes[index].position += push
            }
        }
    }

    private func areLevel(_ a: Int, _ b: Int) -> Bool {
        let (a, b) = (state.cubes[a], state.cubes[b])
        return min(a.top - b.bottom, b.top - a.bottom) > Self.topContactDepth
    }

    /// Whether a cube overlaps the hand's low parts or another cube beside it.
    private func touchesPusher(_ index: Int) -> Bool {
        let cube = state.cubes[index], footprint = Footprint(cube: cube)
        let parts = lowParts(state).filter { cube.top - $0.bottom > 1e-6 }.map(\.footprint)
        let others = state.cubes.indices.filter { $0 != index && $0 != state.grasp?.cube && areLevel(index, $0) }
        return (parts + others.map { Footprint(cube: state.cubes[$0]) }).contains { footprint.wayOut(of: $0) != nil }
    }
}

/// Moving things by hand between two steps, for probes.
extension TabletopSimulator {
    /// Puts a free object flat on the table at `place`, turned by `yaw` (as it is when nil). Call it between two steps.
    /// - Returns: false, and nothing changes, when the object is held, when `place` is out of the hand's reach, or when a
    ///   fixture, another object or the lowered hand is there.
    @discardableResult
    public mutating func moveObject(_ index: Int, to place: SIMD2<Double>, yaw: Double? = nil) -> Bool {
        precondition(state.cubes.indices.contains(index), "object \(index) of \(state.cubes.count)")
        guard state.grasp?.cube != index else { return false }
        let kept = state.cubes[index]
        state.cubes[index] = .init(
            position: Vector(place.x, place.y, TabletopGeometry.tableHeight + TabletopGeometry.cubeHalfSize),
            orientation: Quaternion(yaw: yaw ?? kept.orientation.yaw))
        guard obstacle(atObject: index) != nil else { return true }
        state.cubes[index] = kept
        return false
    }

    /// As `moveObject(_:to:yaw:)`, by a shift in metres.
    @discardableResult
    public mutating func moveObject(_ index: Int, by shift: SIMD2<Double>) -> Bool {
        precondition(state.cubes.indices.contains(index), "object \(index) of \(state.cubes.count)")
        return moveObject(index, to: state.cubes[index].ground + shift)
    }

    /// What stands in the place of a free object; nil when nothing does.
    func obstacle(atObject index: Int) -> String? {
        let cube = state.cubes[index], footprint = Footprint(cube: cube)
        let reach = SIMD2(TabletopGeometry.workspaceHigh.x, TabletopGeometry.workspaceHigh.y)
        guard abs(cube.position.x) <= reach.x, abs(cube.position.y) <= reach.y else { return "object out of the hand's reach" }
        if solids.contains(where: { footprint.wayOut(of: $0.footprint) != nil }) { return "object in a fixture" }
        return touchesPusher(index) ? "object in another or in the hand" : nil
    }

    /// What is wrong with the hand's place; nil when nothing is.
    var obstacleAtHand: String? {
        let clamped = state.position.clamped(lowerBound: TabletopGeometry.workspaceLow, upperBound: task.workspaceHigh)
        guard clamped == state.position, state.tilt <= TabletopGeometry.largestTilt else { return "hand out of its workspace" }
        return isHandInFixture ? "hand in a fixture" : nil
    }
}

extension Footprint {
    /// The palm's bounding rectangle in the direction of the hand.
    static func palm(of state: TabletopState) -> Footprint {
        let center = state.palmCenter, yaw = state.orientation.yaw
        let u = Vector(cos(yaw), sin(yaw), 0), v = Vector(-sin(yaw), cos(yaw), 0)
        return Footprint(
            center: SIMD2(center.x, center.y), axis: SIMD2(u.x, u.y),
            halfSize: SIMD2(state.palmExtent(along: u), state.palmExtent(along: v)))
    }
}

extension TabletopState {
    var palmCenter: Vector {
        position + orientation.rotated(Vector(0, 0, TabletopGeometry.palmHalf.z - TabletopGeometry.gripSite))
    }

    func palmExtent(along direction: Vector) -> Double {
        let local = orientation.inverse.rotated(direction), half = TabletopGeometry.palmHalf
        return half.x * abs(local.x) + half.y * abs(local.y) + half.z * abs(local.z)
    }

    var palmBottom: Double { palmCenter.z - palmExtent(along: Vector(0, 0, 1)) }

    /// Where the hand holds a cube.
    func pose(of grasp: Grasp) -> Cube {
        Cube(
            position: position + orientation.rotated(grasp.position),
            orientation: (orientation * grasp.orientation).normalized)
    }
}

extension TabletopState.Cube {
    var top: Double { position.z + restingHeight }
    var bottom: Double { position.z - restingHeight }
}
