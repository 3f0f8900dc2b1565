import Basics
import Foundation
import Testing

@testable import Tabletop

@Suite struct PlaceTaskTests {
    static let task = PlaceTask()

    /// Cube 0 held at `cube`, the hand straight above it and at rest; cube 1 at `other`.
    static func holding(at cube: Vector, other: SIMD2<Double> = [-0.1, -0.2]) -> TabletopSimulator {
        var state = TabletopState(
            position: cube, orientation: TabletopState.handDown, fingerPosition: 0.02,
            cubes: [
                .init(position: cube, orientation: .identity),
                .init(position: Vector(other.x, other.y, 0.82), orientation: .identity),
            ])
        state.grasp = .init(cube: 0, position: Vector(), orientation: TabletopState.handDown.inverse)
        return TabletopSimulator(task: task, state: state)
    }

    /// Whether the hand's parts or a cube reach into a wall by more than rounding.
    static func reachesIntoFixture(_ simulator: TabletopSimulator) -> Bool {
        let state = simulator.state
        var parts = Footprint.fingers(of: state).map { ($0, state.position.z - TabletopGeometry.fingerTip) }
        parts.append((Footprint.palm(of: state), state.palmBottom))
        parts += state.cubes.map { (Footprint(cube: $0), $0.bottom) }
        return simulator.solids.contains { solid in
            parts.contains { part in part.1 < solid.top - 2e-6 && (part.0.wayOut(of: solid.footprint)?.length ?? 0) > 2e-6 }
        }
    }

    static let open: [Double] = [0, 0, 0, 0, 0, 0, -1]

    @Test func `an object released above the bin falls in, rests and counts; held or outside it does not`() {
        let bin = PlaceTask.binCenter
        var simulator = Self.holding(at: Vector(bin.x, bin.y, 0.92))
        #expect(!simulator.step([0, 0, 0, 0, 0, 0, 1]).isSuccess)
        #expect(simulator.state.grasp != nil && Self.task.advance(simulator.state) == 1)
        let results = (0..<12).map { _ in simulator.step(Self.open).isSuccess }
        #expect(results.last == true && !results[0])
        #expect(abs(simulator.state.cubes[0].position.z - 0.82) < 1e-9 && simulator.state.cubes[0].verticalSpeed == 0)
        #expect(Self.task.progress(simulator.state) == 1)

        var outside = Self.holding(at: Vector(bin.x, bin.y - 0.12, 0.92))
        for _ in 0..<12 { outside.step(Self.open) }
        #expect(!Self.task.isSuccess(outside.state) && Self.task.progress(outside.state) < 0.5)

        var held = Self.holding(at: Vector(bin.x, bin.y, 0.82))
        held.step([0, 0, 0, 0, 0, 0, 1])
        #expect(held.state.grasp != nil && !Self.task.isSuccess(held.state))
    }

    @Test func `an object dropped on the rim slides off it to the side where most of it is`() {
        let wall = PlaceTask.binCenter.y - PlaceTask.binHalfInside - PlaceTask.wallThickness / 2
        for (offset, isInside) in [(0.01, true), (-0.01, false)] {
            var simulator = Self.holding(at: Vector(PlaceTask.binCenter.x, wall + offset, 0.93)), wasOnRim = false
            for _ in 0..<30 {
                simulator.step(Self.open)
                wasOnRim = wasOnRim || abs(simulator.state.cubes[0].position.z - 0.87) < 1e-9
            }
            #expect(wasOnRim && abs(simulator.state.cubes[0].position.z - 0.82) < 1e-9)
            #expect(Self.task.isSuccess(simulator.state) == isInside)
            #expect(!Self.reachesIntoFixture(simulator))
        }
    }

    @Test func `nothing passes through the walls, whatever the actions`() {
        var touched = 0, source = RandomSource(Seed(1))
        for i in 0..<60 {
            let angle = Double(i), start = PlaceTask.binCenter + 0.17 * SIMD2(sin(angle), -abs(cos(angle)))
            var simulator = Self.holding(at: Vector(start.x, start.y, 0.83 + source.uniform(0, 0.04)))
            // Held or let go, at top speed towards the bin and past it, turning.
            let turn = source.uniform(-1, 1), grip: Double = i % 3 == 0 ? -1 : 1
            for step in 0..<60 {
                let way = PlaceTask.binCenter - SIMD2(simulator.state.position.x, simulator.state.position.y)
                let towards = [way.x > 0 ? 1 : -1.0, way.y > 0 ? 1 : -1.0]
                let anywhere = [source.uniform(-1, 1), source.uniform(-1, 1)]
                let before = simulator.state
                simulator.step((step < 30 ? towards : anywhere) + [source.uniform(-1, 0.4), 0.3 * turn, 0, turn, grip])
                #expect(!Self.reachesIntoFixture(simulator), "\(i), step \(step)")
                touched += simulator.state.velocity == Vector() && before.velocity != Vector() ? 1 : 0
            }
            #expect(simulator.state.cubes.allSatisfy { $0.position.z > 0.82 - 1e-9 })
        }
        #expect(touched > 0)
    }

    @Test func `a cube pushed against the bin stops there and stops the hand`() {
        let side = PlaceTask.binCenter.y - PlaceTask.binHalfInside - PlaceTask.wallThickness
        var simulator = Self.holding(at: Vector(0, -0.1, 0.82))
        simulator.state.grasp = nil
        simulator.state.fingerPosition = 0
        simulator.state.position = Vector(PlaceTask.binCenter.x, 0, 0.825)
        simulator.state.cubes[0].position = Vector(PlaceTask.binCenter.x, 0.035, 0.82)
        for _ in 0..<20 { simulator.step([0, 1, 0, 0, 0, 0, 1]) }
        #expect(abs(simulator.state.cubes[0].position.y - (side - 0.02)) < 0.004)
        #expect(simulator.state.position.y < side - 0.04 - 0.0119)
        #expect(!Self.reachesIntoFixture(simulator))
    }

    @Test func `a held cube pushes the other one, and stops on top of it`() {
        var simulator = Self.holding(at: Vector(-0.05, -0.1, 0.83), other: [0, -0.1])
        for _ in 0..<8 { simulator.step([1, 0, 0, 0, 0, 0, 1]) }
        let (held, pushed) = (simulator.state.cubes[0].position, simulator.state.cubes[1].position)
        #expect(pushed.x > 0.03 && pushed.x - held.x > 0.04 - 1e-6 && abs(pushed.z - 0.82) < 1e-9)

        simulator = Self.holding(at: Vector(0, -0.1, 0.9), other: [0.01, -0.1])
        for _ in 0..<20 { simulator.step([0, 0, -1, 0, 0, 0, 1]) }
        #expect(abs(simulator.state.cubes[0].position.z - 0.86) < 1e-6 && simulator.state.cubes[1].position.x == 0.01)
        // Let go, it slides off and lies beside the other.
        for _ in 0..<30 { simulator.step([0, 0, 0.5, 0, 0, 0, -1]) }
        #expect(simulator.state.cubes.allSatisfy { abs($0.position.z - 0.82) < 1e-9 })
        let apart = Footprint(cube: simulator.state.cubes[0]).wayOut(of: Footprint(cube: simulator.state.cubes[1]))
        #expect(apart == nil)
    }

    @Test func `the distractor is never in the fingers' way and the object never in the bin`() {
        for i in 0..<300 {
            let state = Self.task.initialState(seed: Seed(2) / i)
            let way = state.cubes[0].position - state.cubes[1].position
            #expect(state.cubes.count == 2 && way.length > 0.095)
            for cube in state.cubes { #expect(Self.task.fixtures.allSatisfy { $0.distance(to: cube.ground) > 0.03 }) }
            #expect(Self.task.progress(state) < 0.35)
        }
    }
}
