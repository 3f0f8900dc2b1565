import Basics
import Tabletop
import Testing

@Suite struct ScriptedExpertTests {
    static let task = LiftTask()
    static let names = TabletopGenerator.tasks.map(\.name)

    /// Control steps until success, nil when it does not come within the limit.
    static func stepsToSuccess(
        _ task: any TabletopTask = task, from state: TabletopState, seed: Seed, options: ExpertOptions = ExpertOptions()
    ) -> Int? {
        var simulator = TabletopSimulator(task: task, state: state)
        var expert = task.expert(at: state, style: ExpertStyle(seed: seed, options: options), seed: seed)
        return (1...task.stepLimit).first { _ in simulator.step(expert.action(at: simulator.state)).isSuccess }
    }

    @Test(arguments: names)
    func `the expert succeeds from nearly every start, in about as many steps as a person`(name: String) throws {
        let task = try TabletopGenerator.task(named: name)
        let steps = (0..<300).compactMap { i in
            Self.stepsToSuccess(task, from: task.initialState(seed: Seed(9) / i), seed: Seed(9) / i)
        }
        #expect(steps.count >= 297)
        let mean = Double(steps.reduce(0, +)) / Double(steps.count)
        let expected: ClosedRange<Double> = name.hasPrefix("lift") ? 35...62 : 70...105
        #expect(expected.contains(mean), "\(mean)")
        #expect((steps.max() ?? 0) - (steps.min() ?? 0) > 20)
    }

    @Test(arguments: names)
    func `it can take over in the middle of another episode and after a disturbance`(name: String) throws {
        let task = try TabletopGenerator.task(named: name), length = name.hasPrefix("lift") ? 45 : 80
        var successes = 0, attempts = 0
        for i in 0..<30 {
            let seed = Seed(4) / i
            var simulator = TabletopSimulator(task: task, seed: seed)
            var expert = task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed)
            for step in 0..<length {
                simulator.step(expert.action(at: simulator.state))
                guard step % 11 == 10 else { continue }
                attempts += 1
                successes += Self.stepsToSuccess(task, from: simulator.state, seed: seed / step) == nil ? 0 : 1
            }
            var source = RandomSource(seed)
            for _ in 0..<15 { simulator.step((0..<7).map { _ in source.uniform(-1, 1) }) }
            attempts += 1
            successes += Self.stepsToSuccess(task, from: simulator.state, seed: seed) == nil ? 0 : 1
        }
        #expect(attempts == 30 * (length / 11 + 1))
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

    @Test(arguments: names)
    func `progress rises from a low start to exactly 1 at success, and the meter never falls`(name: String) throws {
        let task = try TabletopGenerator.task(named: name)
        for i in 0..<60 {
            let seed = Seed(12) / i
            var simulator = TabletopSimulator(task: task, seed: seed), meter = ProgressMeter(task)
            var expert = task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed)
            var isSuccess = false, seen = [task.progress(simulator.state)]
            while !isSuccess && seen.count < task.stepLimit {
                isSuccess = simulator.step(expert.action(at: simulator.state)).isSuccess
                let progress = task.progress(simulator.state), before = meter.value
                meter.add(simulator.state)
                #expect((progress == 1) == isSuccess && (0...1).contains(progress))
                #expect(progress > before - 0.08, "\(name) \(i) falls from \(before) to \(progress)")
                #expect(meter.value == max(before, progress))
                seen.append(progress)
            }
            // A detour's object may lie 30 cm from its goal of 43 at most.
            #expect(meter.value == 1 && seen[0] < 0.4, "\(name) \(i): \(seen[0])")
            #expect(seen[seen.count / 2] > seen[0] + 0.1 && seen.contains { $0 > 0.39 && $0 < 1 })
        }
    }

    @Test func `without noise one style is left and the choices stay coin tosses`() {
        let clean = (0..<40).map { ExpertStyle(seed: Seed(3) / $0, options: ExpertOptions(noise: 0)) }
        #expect(clean.allSatisfy { $0.noise == 0 && $0.rotationNoise == 0 && $0.idleSteps == 0 && $0.tilt == [0, 0] })
        #expect(Set(clean.map { "\($0.speed) \($0.gain) \($0.approachHeight) \($0.liftOffset) \($0.berth)" }).count == 1)
        #expect(Set(clean.map { "\($0.approachOffset) \($0.passesLeft)" }).count == 4)
        // The noise of the commands is gone too.
        let state = Self.task.initialState(seed: Seed(2))
        let actions = [1, 2].map { Self.task.expertActions(from: state, horizon: 20, style: clean[0], seed: Seed($0)) }
        #expect(actions[0] == actions[1])
        // More noise spreads more.
        func spread(_ noise: Double) -> Double {
            let gains = (0..<40).map { ExpertStyle(seed: Seed(3) / $0, options: ExpertOptions(noise: noise)).gain }
            return (gains.max() ?? 0) - (gains.min() ?? 0)
        }
        #expect(abs(spread(0.5) - 0.5 * spread(1)) < 1e-9 && spread(2) > 1.9 * spread(1))
    }

    @Test(arguments: names)
    func `a missing expert closes beside the object, holds nothing, rises and gets it the second time`(name: String) throws {
        let task = try TabletopGenerator.task(named: name)
        var successes = 0, empty = 0
        for i in 0..<100 {
            let seed = Seed(6) / i, style = ExpertStyle(seed: seed, options: ExpertOptions(missShare: 1))
            var simulator = TabletopSimulator(task: task, seed: seed)
            var expert = task.expert(at: simulator.state, style: style, seed: seed)
            var closings = 0, wasClosing = false, heldAtFirst = false, highest = 0.0, isSuccess = false, isEmpty = false
            for _ in 0..<task.stepLimit + 60 where !isSuccess {
                let action = expert.action(at: simulator.state), isClosing = action[6] > 0
                if isClosing && !wasClosing {
                    closings += 1
                    let offset = simulator.state.cubes[0].position - simulator.state.position
                    if closings == 1 {
                        let across = (offset.x * offset.x + offset.y * offset.y).squareRoot()
                        #expect(across > 0.02 && across < 0.06, "\(name) \(i): \(across)")
                    }
                }
                wasClosing = isClosing
                isSuccess = simulator.step(action).isSuccess
                isEmpty = isEmpty || simulator.state.grasp == nil && simulator.state.fingerPosition == 0
                if closings == 1 {
                    heldAtFirst = heldAtFirst || simulator.state.grasp != nil
                    highest = isClosing ? 0 : max(highest, simulator.state.position.z)
                }
            }
            empty += isEmpty ? 1 : 0
            successes += isSuccess && closings == 2 && !heldAtFirst && highest > 0.86 ? 1 : 0
        }
        #expect(successes >= 95 && empty >= 85, "\(successes) successes, \(empty) closed on nothing")
    }

    @Test func `so many episodes miss as asked, and none by default`() {
        func missing(_ share: Double) -> Int {
            (0..<400).count { ExpertStyle(seed: Seed(8) / $0, options: ExpertOptions(missShare: share)).miss != nil }
        }
        #expect(missing(0) == 0 && missing(1) == 400 && (90...150).contains(missing(0.3)))
        let misses = (0..<400).compactMap { ExpertStyle(seed: Seed(8) / $0, options: ExpertOptions(missShare: 1)).miss }
        // Beside the cube's side, which is 2 cm from its middle.
        #expect(misses.allSatisfy { abs($0) > 0.03 && abs($0) < 0.05 } && (150...250).contains(misses.count { $0 > 0 }))
        // Whether an episode misses changes nothing else of it.
        var style = ExpertStyle(seed: Seed(8) / 1, options: ExpertOptions(missShare: 1))
        style.miss = nil
        #expect(style == ExpertStyle(seed: Seed(8) / 1))
    }
}
