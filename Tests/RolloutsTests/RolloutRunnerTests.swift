import Basics
import Demonstrations
import Policies
import Rollouts
import Testing

@Suite struct RolloutRunnerTests {
    static let layout = WindowLayout(horizon: 8, observationSteps: 2, executedSteps: 4)
    static let starts = (0..<5).map { RolloutStart($0, root: Seed(3)) }

    private func run(
        _ policy: ScriptedPolicy, _ starts: [RolloutStart] = starts, limit: Int = 20, environment: LineEnvironment = LineEnvironment()
    ) throws -> [Rollout] {
        try RolloutRunner(environment, policy, layout: Self.layout, stepLimit: limit, pool: WorkerPool(workers: 2)).run(starts)
    }

    @Test func `the actions carried out begin at the present step, and a new query follows after the executed ones`() throws {
        // Actions 0.001, 0.002, ...: the first is of the step before the query.
        let policy = ScriptedPolicy { _, _ in (1...8).map { Float($0) / 1000 } }
        let rollout = try run(policy, [Self.starts[0]], limit: 8)[0]
        #expect(rollout.queries.map(\.step) == [0, 4])
        #expect(rollout.steps == 8 && !rollout.isSuccess)
        let moved = rollout.queries[1].state[0] - rollout.queries[0].state[0]
        #expect(abs(moved - 0.014) < 1e-6, "0.002 + 0.003 + 0.004 + 0.005, not \(moved)")
    }

    @Test func `a query sees the last observed steps, and before the start the first one repeated`() throws {
        let environment = LineEnvironment(), policy = ScriptedPolicy { _, _ in [Float](repeating: 0.01, count: 8) }
        _ = try run(policy, [Self.starts[0]], limit: 9, environment: environment)
        #expect(policy.asked.all.map { $0.lowDim.map { Int($0[1]) } } == [[0, 0], [3, 4], [7, 8]])
        #expect(environment.looks.all.map { $0[1] } == [0, 3, 4, 7, 8])
        #expect(policy.asked.all.map { $0.episode?.step } == [0, 4, 8])
        #expect(policy.asked.all[0].episode?.start == nil)
        #expect(policy.asked.all[2].episode?.start?.lowDim == policy.asked.all[0].lowDim)
    }

    @Test func `an episode ends with success and the others go on to the limit`() throws {
        // Fast for those that start high.
        let policy = ScriptedPolicy { observation, _ in [Float](repeating: observation.lowDim[1][0] > 0.1 ? 0.2 : 0, count: 8) }
        let rollouts = try run(policy)
        #expect(rollouts.map(\.start) == [0, 1, 2, 3, 4])
        #expect(rollouts.contains { $0.isSuccess } && rollouts.contains { !$0.isSuccess })
        for rollout in rollouts {
            let begin = rollout.queries[0].state[0]
            #expect(rollout.isSuccess == (begin > 0.1))
            #expect(rollout.steps == (rollout.isSuccess ? Int(((1 - begin) / 0.2).rounded(.up)) : 20))
            #expect(rollout.progress == (rollout.isSuccess ? 1 : begin))
        }
    }

    @Test func `progress is the largest reached`() throws {
        let policy = ScriptedPolicy { observation, _ in
            [Float](repeating: (observation.episode?.step ?? 0) < 8 ? 0.05 : -0.05, count: 8)
        }
        let rollout = try run(policy, [Self.starts[0]])[0]
        #expect(abs(rollout.progress - rollout.queries[0].state[0] - 0.4) < 1e-6)
    }

    @Test func `an episode does not depend on those run beside it, and draws by its own seed`() throws {
        let policy = ScriptedPolicy { _, seed in
            var source = RandomSource(seed)
            return (0..<8).map { _ in Float(source.uniform(0, 0.1)) }
        }
        let together = try run(policy)
        let alone = try Self.starts.flatMap { try run(policy, [$0]) }
        #expect(together == alone)
        #expect(Set(together.map { $0.queries[0].actions }).count == 5)
        #expect(together == (try run(policy)))
    }

    @Test func `what was recalled before is handed on`() throws {
        struct Recalling: Policy {
            let isStochastic = false
            let asked = ScriptedPolicy.Asked()
            func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) -> [[Prediction]] {
                asked.add(observations)
                return observations.map {
                    let frame = FrameReference(demonstration: 2, frame: $0.episode?.step ?? -1)
                    return [Prediction(actions: [Float](repeating: 0, count: 8), match: Match(frame: frame, similarity: 1), isOutOfDistribution: frame.frame > 4)]
                }
            }
        }
        let policy = Recalling()
        let rollout = try RolloutRunner(LineEnvironment(), policy, layout: Self.layout, stepLimit: 12, pool: WorkerPool(workers: 1))
            .run([Self.starts[0]])[0]
        #expect(policy.asked.all.map { $0.episode?.recalled.map(\.frame) } == [[], [0], [0, 4]])
        #expect(rollout.queries.map(\.recalled?.frame) == [0, 4, 8])
        #expect(rollout.queries.map(\.isOutOfDistribution) == [false, false, true])
    }

    @Test func `actions that are not finite stop the run, naming start and step`() {
        let policy = ScriptedPolicy { observation, _ in
            [Float](repeating: (observation.episode?.step ?? 0) == 4 ? .nan : 0, count: 8)
        }
        #expect {
            try run(policy, [Self.starts[3]])
        } throws: {
            let text = "\($0)"
            return text.contains("start 3") && text.contains("step 4")
        }
    }

    @Test func `the progress says how many steps are done and can stop the run`() throws {
        struct Stop: Error {}
        let policy = ScriptedPolicy { _, _ in [Float](repeating: 0, count: 8) }
        let runner = RolloutRunner(LineEnvironment(), policy, layout: Self.layout, stepLimit: 20, pool: WorkerPool(workers: 1))
        var seen: [Int] = []
        #expect(throws: Stop.self) {
            try runner.run(Self.starts) { step in
                seen.append(step)
                if step == 3 { throw Stop() }
            }
        }
        #expect(seen == [1, 2, 3])
    }
}
