import Basics
import Testing

@testable import Tabletop

@Suite struct TabletopStartTests {
    static let names = TabletopGenerator.tasks.map(\.name)

    @Test(arguments: names)
    func `what is placed stands there and what is not is as drawn`(name: String) throws {
        let task = try TabletopGenerator.task(named: name), seed = Seed(1)
        let drawn = task.initialState(seed: seed)
        #expect(try task.start(Placement(), seed: seed) == drawn)
        let hand = Vector(-0.1, -0.2, 0.93), turned = Quaternion(yaw: 0.4) * TabletopState.handDown
        let state = try task.start(
            Placement(object: [-0.05, -0.16], yaw: 0.3, hand: hand, handOrientation: turned), seed: seed)
        #expect(state.cubes[0].ground == [-0.05, -0.16] && abs(state.cubes[0].position.z - 0.82) < 1e-12)
        #expect(abs(state.cubes[0].orientation.yaw - 0.3) < 1e-12)
        #expect(state.position == hand && abs(state.orientation.yaw - 0.4) < 1e-12 && state.stepCount == 0)
        let moved = try task.start(Placement(object: [-0.05, -0.16]), seed: seed)
        #expect(moved.cubes[0].orientation == drawn.cubes[0].orientation && moved.position == drawn.position)
        #expect(moved.orientation == drawn.orientation)
    }

    @Test func `a distractor keeps off an object that is placed where it would be`() throws {
        let task = PlaceTask()
        let drawn = task.initialState(seed: Seed(1)), place = drawn.cubes[1].ground
        let state = try task.start(Placement(object: place), seed: Seed(1))
        #expect(state.cubes[0].ground == place && (state.cubes[1].position - state.cubes[0].position).length > 0.095)
    }

    @Test func `an impossible start is a usage error that says what is wrong`() {
        func found(_ task: any TabletopTask, _ placement: Placement) -> String? {
            let failure = #expect(throws: Failure.self) { try task.start(placement, seed: Seed(1)) }
            #expect(failure?.kind == .usage)
            return failure?.found
        }
        #expect(found(LiftTask(), Placement(object: [0.35, 0])) == "object out of the hand's reach")
        #expect(found(PlaceTask(), Placement(object: PlaceTask.binCenter - [0, 0.07])) == "object in a fixture")
        #expect(found(LiftTask(), Placement(object: [0, 0], hand: Vector(0, 0.04, 0.82))) == "object in another or in the hand")
        #expect(found(DetourTask(), Placement(hand: Vector(-0.05, -0.2, 1))) == "hand out of its workspace")
        #expect(found(DetourTask(), Placement(hand: Vector(-0.035, -0.05, 0.9))) == "hand in a fixture")
    }

    @Test(arguments: names)
    func `a grid has sixteen places in the region and three yaws`(name: String) throws {
        let task = try TabletopGenerator.task(named: name), region = task.startRegion
        let placements = (0..<160).map { StartLayout.grid.placement($0, in: region, seed: Seed(1) / $0) }
        let places = placements.compactMap(\.object)
        #expect(places.count == 160 && Set(places).count == 16 && Set(places[..<16]).count == 16)
        #expect(Set(placements.map(\.yaw)).count == 3)
        for place in places {
            #expect(place.x > region.objectLow.x && place.x < region.objectHigh.x)
            #expect(place.y > region.objectLow.y && place.y < region.objectHigh.y)
        }
        for (index, placement) in placements.enumerated() {
            let state = try task.start(placement, seed: Seed(2) / index)
            #expect(state.cubes[0].ground == placement.object)
        }
        #expect(StartLayout.continuous.placement(3, in: region, seed: Seed(1)) == Placement())
    }

    @Test func `a free object is moved between steps, a held one and one without room is not`() {
        var lift = TabletopSimulator(task: LiftTask(), seed: Seed(4))
        let before = lift.state.cubes[0]
        let isMoved = lift.moveObject(0, by: [0.01, -0.02]), shift = lift.state.cubes[0].ground - before.ground
        #expect(isMoved && abs(shift.x - 0.01) < 1e-12 && abs(shift.y + 0.02) < 1e-12)
        #expect(abs(lift.state.cubes[0].orientation.yaw - before.orientation.yaw) < 1e-12)

        // Off the table, onto the other cube, into the bin's wall; then into the bin.
        var simulator = TabletopSimulator(task: PlaceTask(), seed: Seed(4))
        let start = simulator.state
        for place in [[0.5, 0], start.cubes[1].ground, [-0.01, 0.075]] {
            let isMoved = simulator.moveObject(0, to: place)
            #expect(!isMoved && simulator.state == start)
        }
        let isPlaced = simulator.moveObject(0, to: PlaceTask.binCenter, yaw: 0.2)
        #expect(isPlaced && PlaceTask().isSuccess(simulator.state))
        #expect(abs(simulator.state.cubes[0].orientation.yaw - 0.2) < 1e-12)

        var held = PlaceTaskTests.holding(at: Vector(0, -0.1, 0.9))
        let holding = held.state
        let isHeldMoved = held.moveObject(0, to: [0, 0])
        #expect(!isHeldMoved && held.state == holding)
        let isOtherMoved = held.moveObject(1, to: [0.05, -0.02], yaw: 0.5)
        #expect(isOtherMoved && held.state.cubes[1].ground == [0.05, -0.02])
    }

    @Test(arguments: names)
    func `the expert follows an object that is moved during its episode`(name: String) throws {
        let task = try TabletopGenerator.task(named: name)
        var successes = 0
        for i in 0..<40 {
            let seed = Seed(15) / i
            var simulator = TabletopSimulator(task: task, seed: seed)
            var expert = task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed), isSuccess = false
            for step in 0..<task.stepLimit where !isSuccess {
                if step == 15 { simulator.moveObject(0, by: [i % 2 == 0 ? 0.04 : -0.04, -0.03]) }
                isSuccess = simulator.step(expert.action(at: simulator.state)).isSuccess
            }
            successes += isSuccess ? 1 : 0
        }
        #expect(successes >= 38, "\(successes) of 40")
    }
}
