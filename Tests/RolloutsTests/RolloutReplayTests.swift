import Basics
import Demonstrations
import Policies
import Rollouts
import Synchronization
import Tabletop
import Testing

@Suite struct RolloutReplayTests {
    private static let layout = RolloutRunnerTests.layout

    /// What was seen, by episode and query.
    private final class Seen: Sendable {
        private let state = Mutex<[(episode: Int, query: Int, observation: Observation)]>([])
        func add(_ moments: [RolloutReplay.Moment]) { state.withLock { $0 += moments.map { ($0.episode, $0.query, $0.observation) } } }
        var all: [(episode: Int, query: Int, observation: Observation)] { state.withLock { $0 } }
    }

    private func recorded() throws -> (policy: ScriptedPolicy, rollouts: [Rollout]) {
        // Some come to the end and some do not.
        let policy = ScriptedPolicy { observation, seed in
            var source = RandomSource(seed)
            return (0..<8).map { _ in Float(source.uniform(0, observation.lowDim[1][0] > 0.1 ? 0.2 : 0.05)) }
        }
        let rollouts = try RolloutRunner(LineEnvironment(), policy, layout: Self.layout, stepLimit: 20, pool: WorkerPool(workers: 2))
            .run(RolloutRunnerTests.starts)
        #expect(Set(rollouts.map(\.steps)).count > 1)
        return (policy, rollouts)
    }

    private func replay(_ rollouts: [Rollout], _ starts: [RolloutStart] = RolloutRunnerTests.starts) throws -> Seen {
        let seen = Seen()
        try RolloutReplay(LineEnvironment(), layout: Self.layout, stepLimit: 20, pool: WorkerPool(workers: 2))
            .run(rollouts, from: starts) { seen.add($0) }
        return seen
    }

    @Test func `the observations are those of the recording, to the bit`() throws {
        let (policy, rollouts) = try recorded()
        let first = policy.asked.all, again = try replay(rollouts).all
        #expect(first.count == rollouts.reduce(0) { $0 + $1.queries.count } && again.count == first.count)
        for (old, new) in zip(first, again) {
            #expect(old.lowDim == new.observation.lowDim && old.episode?.step == rollouts[new.episode].queries[new.query].step)
            #expect(old.episode?.seed == RolloutRunnerTests.starts[new.episode].scene && old.episode?.state == new.observation.episode?.state)
        }
    }

    @Test func `the simulator's pictures and low-dim values are those of the recording, to the bit`() throws {
        let (set, scene) = try TabletopEnvironmentTests.recorded(), environment = try TabletopEnvironment(LiftTask(), like: set)
        let layout = WindowLayout(), starts = (0..<3).map { RolloutStart($0, root: scene) }, seen = Seen()
        let policy = ScriptedPolicy { _, seed in
            var source = RandomSource(seed)
            return (0..<16 * 7).map { _ in Float(source.uniform(-1, 1)) }
        }
        let rollouts = try RolloutRunner(environment, policy, layout: layout, stepLimit: 40, pool: WorkerPool(workers: 2)).run(starts)
        try RolloutReplay(environment, layout: layout, stepLimit: 40, pool: WorkerPool(workers: 1)).run(rollouts, from: starts) { seen.add($0) }
        #expect(seen.all.count == 15 && policy.asked.all.count == 15)
        for (old, (_, _, new)) in zip(policy.asked.all, seen.all) {
            #expect(old.lowDim == new.lowDim)
            #expect(old.images.map { $0.map(\.pixels) } == new.images.map { $0.map(\.pixels) })
        }
        // They move: a frame observed is not the one before.
        #expect(Set(seen.all.filter { $0.episode == 0 }.map { $0.observation.images[1][0].pixels }).count == 5)
    }

    @Test func `states that were rounded for the file are those of the recording`() throws {
        let (_, rollouts) = try recorded()
        func rounded(_ state: [Double]) -> [Double] { state.map { Double(Float($0)) } }
        let read = rollouts.map { rollout in
            var read = rollout
            read.final = rounded(rollout.final)
            for place in read.queries.indices { read.queries[place].state = rounded(rollout.queries[place].state) }
            return read
        }
        #expect(try replay(read).all.count == read.reduce(0) { $0 + $1.queries.count })
    }

    @Test func `an episode that goes another way than recorded is a defect, with its start and step`() throws {
        let (_, rollouts) = try recorded()
        func failure(_ change: (inout [Rollout]) -> Void) -> Failure? {
            var changed = rollouts
            change(&changed)
            do {
                _ = try replay(changed)
                return nil
            } catch { return error as? Failure }
        }
        let changes: [(inout [Rollout]) -> Void] = [
            { $0[1].queries[0].actions[2] += 0.01 }, { $0[2].final[0] += 0.01 }, { $0[0].isSuccess.toggle() }, { $0[3].steps -= 1 },
            { $0[4].queries.removeLast() }, { $0[1].queries[1].state[0] += 0.01 },
        ]
        for change in changes { #expect(failure(change)?.kind == .defect) }
        #expect(failure(changes[5])?.location == "start 1, step 4" && failure { _ in } == nil)
    }
}
