import Basics
import Foundation
import Testing

@testable import Tabletop

@Suite struct DetourTaskTests {
    static let task = DetourTask()

    /// The object's path in an expert's episode.
    static func path(from state: TabletopState, seed: Seed) -> [Vector] {
        var simulator = TabletopSimulator(task: task, state: state), path = [state.cubes[0].position]
        var expert = task.expert(at: state, style: ExpertStyle(seed: seed), seed: seed), isSuccess = false
        while !isSuccess && path.count <= task.stepLimit {
            isSuccess = simulator.step(expert.action(at: simulator.state)).isSuccess
            path.append(simulator.state.cubes[0].position)
        }
        return path
    }

    @Test func `from one start about half the demonstrations pass on the left, half on the right`() {
        for start in 0..<3 {
            let state = Self.task.initialState(seed: Seed(30) / start)
            let sides = (0..<60).map { DetourTask.side(of: Self.path(from: state, seed: Seed(31) / $0)) }
            #expect(!sides.contains(nil) && (20...40).contains(sides.count { $0 == .left }), "\(sides.count { $0 == .left })")
        }
    }

    @Test func `the side is that of the last passage, and none without one`() {
        func path(_ points: [SIMD2<Double>]) -> [Vector] { points.map { Vector($0.x, $0.y, 0.85) } }
        let (start, goal) = (SIMD2(-0.05, -0.17), SIMD2(-0.03, 0.16))
        #expect(DetourTask.side(of: path([start, [-0.2, 0], goal])) == .left)
        #expect(DetourTask.side(of: path([start, [0.12, -0.01], [0.12, 0.02], goal])) == .right)
        // There on the right, back, and there on the left.
        #expect(DetourTask.side(of: path([start, [0.1, 0.01], [0.1, -0.05], [-0.2, -0.05], [-0.2, 0.05], goal])) == .left)
        #expect(DetourTask.side(of: path([start, [0.1, -0.1], [0.1, -0.01]])) == nil)
        #expect(DetourTask.side(of: path([goal, [0.1, 0.01], [0.1, -0.01]])) == nil && DetourTask.side(of: []) == nil)
    }

    @Test func `a demonstrator beside the post goes on on its side`() {
        for (x, side) in [(-0.2, DetourTask.Side.left), (0.12, .right)] {
            let simulator = PlaceTaskTests.holding(at: Vector(x, -0.05, 0.88))
            for i in 0..<10 { #expect(DetourTask.side(of: Self.path(from: simulator.state, seed: Seed(5) / i)) == side) }
        }
    }

    @Test func `the post stops hand and object at the highest speed, and nobody passes above it`() {
        var source = RandomSource(Seed(3)), highest = 0.0, blocked = 0
        for i in 0..<60 {
            let angle = Double(i), far = Vector(0.17 * cos(angle), 0.17 * sin(angle), 0)
            let center = Vector(DetourTask.post.center.x, DetourTask.post.center.y, source.uniform(0.83, 0.93))
            var simulator = TabletopSimulator(task: Self.task, state: PlaceTaskTests.holding(at: center + far).state)
            for step in 0..<70 {
                // At full speed at the post, higher and turning, with and without the object.
                let way = center - simulator.state.position
                simulator.step([
                    way.x > 0 ? 1 : -1, way.y > 0 ? 1 : -1, step < 40 ? 1 : source.uniform(-1, 1), source.uniform(-1, 1), 0,
                    i % 2 == 0 ? 1 : source.uniform(-1, 1), i % 3 == 0 && step > 20 ? -1 : 1,
                ])
                #expect(!PlaceTaskTests.reachesIntoFixture(simulator), "\(i), step \(step)")
                highest = max(highest, simulator.state.position.z)
            }
            let rest = center - simulator.state.position
            blocked += (rest.x * rest.x + rest.y * rest.y).squareRoot() > 0.04 ? 1 : 0
        }
        #expect(highest <= Self.task.workspaceHigh.z && blocked == 60)
    }

    @Test func `the object counts above the goal region only`() {
        var state = Self.task.initialState(seed: Seed(1))
        state.cubes[0].position = Vector(DetourTask.goal.center.x + 0.05, DetourTask.goal.center.y - 0.04, 0.9)
        #expect(Self.task.isSuccess(state) && Self.task.progress(state) == 1)
        state.cubes[0].position.x += 0.01
        #expect(!Self.task.isSuccess(state) && Self.task.progress(state) < 1)
    }

    @Test func `the object's way gets shorter round either side`() {
        var state = Self.task.initialState(seed: Seed(1))
        for side in [-0.15, 0.15] {
            var last = -1.0
            for place in [SIMD2(0, -0.17), [side, -0.08], [side, 0.01], [side / 2, 0.1], [0, 0.17]] {
                state.cubes[0].position = Vector(DetourTask.post.center.x + place.x, place.y, 0.85)
                #expect(Self.task.advance(state) > last)
                last = Self.task.advance(state)
            }
            #expect(last == 1)
        }
    }
}
