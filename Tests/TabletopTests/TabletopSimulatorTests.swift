import Basics
import Tabletop
import Testing

@Suite struct TabletopSimulatorTests {
    static let task = LiftTask()
    static let still: [Double] = [0, 0, 0, 0, 0, 0, 0]

    /// A hand above a cube at the origin, at rest, fingers open.
    static func simulator(
        hand: Vector, handYaw: Double = 0, cube: Vector = Vector(0, 0, 0.82), cubeYaw: Double = 0, finger: Double = 0.04
    ) -> TabletopSimulator {
        TabletopSimulator(
            task: task,
            state: TabletopState(
                position: hand, orientation: Quaternion(yaw: handYaw) * TabletopState.handDown, fingerPosition: finger,
                cubes: [.init(position: cube, orientation: Quaternion(yaw: cubeYaw))]))
    }

    static func run(_ simulator: inout TabletopSimulator, _ action: [Double], steps: Int) {
        for _ in 0..<steps { simulator.step(action) }
    }

    /// Close, then lift for a second; the height of the cube at the end.
    static func heightAfterClosingAndLifting(_ start: TabletopSimulator) -> Double {
        var simulator = start
        run(&simulator, [0, 0, 0, 0, 0, 0, 1], steps: 8)
        run(&simulator, [0, 0, 1, 0, 0, 0, 1], steps: 20)
        return simulator.state.cubes[0].position.z
    }

    @Test func `the same seed and actions give the same states, another seed others`() {
        var source = RandomSource(Seed(5))
        let actions = (0..<60).map { _ in (0..<7).map { _ in source.uniform(-1.5, 1.5) } }
        func states(_ seed: UInt64) -> [TabletopState] {
            var simulator = TabletopSimulator(task: Self.task, seed: Seed(seed))
            return actions.map { simulator.step($0); return simulator.state }
        }
        #expect(states(1) == states(1))
        #expect(states(1) != states(2))
    }

    @Test func `a state restored from its row goes on bit for bit, in the hand and falling too`() throws {
        var simulator = TabletopSimulator(task: Self.task, seed: Seed(3))
        var expert = Self.task.expert(at: simulator.state, style: ExpertStyle(seed: Seed(3)), seed: Seed(3))
        var sawGrasp = false, sawFall = false
        for step in 0..<75 {
            var restored = TabletopSimulator(task: Self.task, state: try TabletopState(flat: simulator.state.flat))
            #expect(restored.state == simulator.state)
            let action = step < 60 ? expert.action(at: simulator.state) : [0, 0, 0, 0, 0, 0, -1]
            #expect(restored.step(action) == simulator.step(action))
            #expect(restored.state == simulator.state)
            sawGrasp = sawGrasp || simulator.state.grasp != nil
            sawFall = sawFall || simulator.state.cubes[0].verticalSpeed < -0.1
        }
        #expect(sawGrasp && sawFall)
    }

    @Test func `a row of another width, a value that is not finite and an unknown cube are bad data`() {
        let row = TabletopSimulator(task: Self.task, seed: Seed(3)).state.flat
        #expect(row.count == 31)
        var broken = [Array(row.dropLast()), row + [0], row, row]
        broken[2][3] = .nan
        broken[3][15] = 1
        for row in broken {
            #expect(#expect(throws: Failure.self) { try TabletopState(flat: row) }?.kind == .data)
        }
    }

    @Test func `the hand follows a constant action at the stated speed and is never faster than the bound`() {
        var simulator = Self.simulator(hand: Vector(-0.25, 0, 1))
        Self.run(&simulator, [1, 0, 0, 0, 0, 0, -1], steps: 20)
        let start = simulator.state.position.x
        simulator.step([1, 0, 0, 0, 0, 0, -1])
        #expect(abs(simulator.state.position.x - start - 0.01362) < 1e-4)
        var source = RandomSource(Seed(1))
        for _ in 0..<500 {
            let before = simulator.state.position
            simulator.step((0..<7).map { _ in source.uniform() < 0.5 ? -9 : 9 })
            let moved = simulator.state.position - before
            for axis in 0..<3 { #expect(abs(moved[axis]) < 0.0154) }
            for axis in 0..<3 {
                #expect(simulator.state.position[axis] >= TabletopGeometry.workspaceLow[axis])
                #expect(simulator.state.position[axis] <= TabletopGeometry.workspaceHigh[axis])
            }
        }
    }

    @Test func `positive axis-angle about z turns the hand to the left, and actions are clipped to 1`() {
        var simulator = Self.simulator(hand: Vector(0, 0, 1)), clipped = simulator
        Self.run(&simulator, [0, 0, 0, 0, 0, 1, 0], steps: 5)
        Self.run(&clipped, [0, 0, 0, 0, 0, 7, 0], steps: 5)
        #expect(simulator.state.orientation.yaw > 0.1)
        #expect(clipped.state == simulator.state)
    }

    @Test func `closing around an aligned cube holds it and lifting lifts it`() {
        #expect(Self.heightAfterClosingAndLifting(Self.simulator(hand: Vector(0, 0, 0.825))) > 0.95)
        let turned = Self.simulator(hand: Vector(0, 0, 0.825), handYaw: 0.5, cubeYaw: 0.5 + .pi / 2 + 0.2)
        #expect(Self.heightAfterClosingAndLifting(turned) > 0.95)
    }

    @Test(arguments: [-0.78, -0.5, 0.3, 0.6, 0.75])
    func `closing turns a cube until its faces lie on the pads, at any yaw, and never past them`(yaw: Double) {
        var simulator = Self.simulator(hand: Vector(0, 0, 0.825), cubeYaw: yaw), last = abs(yaw)
        for _ in 0..<12 {
            simulator.step([0, 0, 0, 0, 0, 0, 1])
            let now = simulator.state.cubes[0].orientation.yaw
            #expect(abs(now) <= last + 1e-9 && now * yaw >= -1e-9)
            last = abs(now)
        }
        #expect(last < 1e-6 && simulator.state.grasp?.cube == 0)
    }

    @Test func `closing beside or too high above the cube does not lift it`() {
        let starts = [
            Self.simulator(hand: Vector(0, 0.09, 0.825)), Self.simulator(hand: Vector(0.05, 0, 0.825)),
            Self.simulator(hand: Vector(0.02, 0, 0.825)), Self.simulator(hand: Vector(0, 0, 0.842)),
        ]
        for start in starts {
            #expect(abs(Self.heightAfterClosingAndLifting(start) - 0.82) < 1e-9)
        }
    }

    @Test func `fingers that close on a cube they cannot hold stop at it`() {
        var simulator = Self.simulator(hand: Vector(0, 0, 0.8395), cubeYaw: .pi / 4)
        Self.run(&simulator, [0, 0, 0, 0, 0, 0, 1], steps: 10)
        #expect(abs(simulator.state.fingerPosition - 0.02 * 2.0.squareRoot()) < 1e-6)
        #expect(simulator.state.grasp == nil)
    }

    @Test func `a cube let go falls to the table and lies flat`() {
        var simulator = Self.simulator(hand: Vector(0, 0, 0.825))
        Self.run(&simulator, [0, 0, 0, 0, 0, 0, 1], steps: 8)
        Self.run(&simulator, [0, 0, 1, 0.6, 0, 0, 1], steps: 12)
        let high = simulator.state.cubes[0]
        #expect(high.position.z > 0.9 && simulator.state.grasp != nil)
        Self.run(&simulator, [0, 0, 0, 0, 0, 0, -1], steps: 2)
        #expect(simulator.state.grasp == nil)
        Self.run(&simulator, [0, 0, 0, 0, 0, 0, -1], steps: 25)
        let low = simulator.state.cubes[0]
        #expect(abs(low.position.z - 0.82) < 1e-6 && low.verticalSpeed == 0)
        let up = low.orientation.inverse.rotated(Vector(0, 0, 1))
        #expect(max(abs(up.x), abs(up.y), abs(up.z)) > 1 - 1e-9, "a face lies on the table: \(up)")
    }

    @Test func `coming down on top of the cube stops the hand, from the side it pushes the cube`() {
        var simulator = Self.simulator(hand: Vector(0, 0.03, 0.9), finger: 0.02)
        Self.run(&simulator, [0, 0, -1, 0, 0, 0, 0], steps: 40)
        #expect(abs(simulator.state.position.z - (0.84 + TabletopGeometry.fingerTip)) < 1e-6)
        #expect(abs(simulator.state.cubes[0].position.z - 0.82) < 1e-9 && simulator.state.cubes[0].position.y == 0)

        simulator = Self.simulator(hand: Vector(0, 0.09, 0.825), finger: 0)
        Self.run(&simulator, [0, -1, 0, 0, 0, 0, 1], steps: 14)
        let cube = simulator.state.cubes[0].position
        #expect(cube.y < -0.02 && abs(cube.z - 0.82) < 1e-9)
        #expect(simulator.state.position.y - 0.012 - cube.y > 0.0199)
    }

    @Test func `a held cube cannot be pressed into the table`() {
        var simulator = Self.simulator(hand: Vector(0, 0, 0.825))
        Self.run(&simulator, [0, 0, 0, 0, 0, 0, 1], steps: 8)
        Self.run(&simulator, [0, 0, -1, 0, 0, 0, 1], steps: 10)
        #expect(simulator.state.cubes[0].position.z > 0.82 - 1e-9)
    }

    @Test func `observations have robosuite's keys and conventions`() {
        let simulator = Self.simulator(hand: Vector(0.1, -0.05, 1), cube: Vector(0, 0.02, 0.82), finger: 0.03)
        let observation = simulator.observation()
        #expect(Set(observation.keys) == Set(TabletopSimulator.observationKeys))
        #expect(observation["robot0_eef_pos"] == [0.1, -0.05, 1])
        #expect(observation["robot0_eef_quat"] == [1, 0, 0, 0])
        #expect(observation["robot0_gripper_qpos"] == [0.03, -0.03])
        let object = observation["object"] ?? []
        #expect(object.count == 10 && object[..<7] == [0, 0.02, 0.82, 0, 0, 0, 1])
        for (found, expected) in zip(object.suffix(3), [-0.1, 0.07, -0.18]) { #expect(abs(found - expected) < 1e-12) }
    }
}
