import Basics
import Tabletop
import Testing

@Suite struct LiftExpertTests {
    static let task = LiftTask()

    /// Control steps until success, nil when it does not come within the limit.
    static func stepsToSuccess(from state: TabletopState, seed: Seed) -> Int? {
        var simulator = TabletopSimulator(task: task, state: state)
        var expert = task.expert(at: state, style: ExpertStyle(seed: seed), seed: seed)
        return (1...task.stepLimit).first { _ in simulator.step(expert.action(at: simulator.state)).isSuccess }
    }

    @Test func `the expert succeeds from nearly every start, in about as many steps as a person`() {
        let steps = (0..<200).compactMap { i in
            Self.stepsToSuccess(from: Self.task.initialState(seed: Seed(9) / i), seed: Seed(9) / i)
        }
        #expect(steps.count >= 196)
        let mean = Double(steps.reduce(0, +)) / Double(steps.count)
        #expect(mean > 35 && mean < 62)
        #expect((steps.max() ?? 0) - (steps.min() ?? 0) > 20)
    }

    @Test func `it can take over in the middle of another episode and after a disturbance`() {
        var successes = 0, attempts = 0
        for i in 0..<30 {
            let seed = Seed(4) / i
            var simulator = TabletopSimulator(task: Self.task, seed: seed)
            var expert = Self.task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed)
            for step in 0..<45 {
                simulator.step(expert.action(at: simulator.state))
                guard step % 11 == 10 else { continue }
                attempts += 1
                successes += Self.stepsToSuccess(from: simulator.state, seed: seed / step) == nil ? 0 : 1
            }
            var source = RandomSource(seed)
            for _ in 0..<15 { simulator.step((0..<7).map { _ in source.uniform(-1, 1) }) }
            attempts += 1
            successes += Self.stepsToSuccess(from: simulator.state, seed: seed) == nil ? 0 : 1
        }
        #expect(attempts == 150)
        #expect(Double(successes) >= 0.95 * Double(attempts), "\(successes) of \(attempts)")
    }

    @Test func `one state has several answers, one seed has one`() {
        let state = Self.task.initialState(seed: Seed(2))
        func actions(_ i: Int) -> [[Double]] {
            Self.task.expertActions(from: state, horizon: 16, style: ExpertStyle(seed: Seed(7) / i), seed: Seed(7) / i)
        }
        #expect(actions(0) == actions(0))
        #expect(actions(0).count == 16 && actions(0).allSatisfy { $0.count == 7 && $0.allSatisfy { abs($0) <= 1 } })
        let turns = (0..<40).map { actions($0).map { $0[5] }.reduce(0, +) }
        #expect(turns.count { $0 > 1 } >= 8 && turns.count { $0 < -1 } >= 8, "\(turns)")
    }
}
