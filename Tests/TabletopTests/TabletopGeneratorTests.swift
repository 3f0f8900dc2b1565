import Basics
import Demonstrations
import Foundation
import Tabletop
import Testing

@Suite struct TabletopGeneratorTests {
    static func generate(_ count: Int, workers: Int, seed: UInt64 = 0) throws -> [RecordedEpisode] {
        try TabletopGenerator.generate(
            task: "lift", demonstrations: count, seed: seed, workers: workers, imageSize: 32
        ).episodes
    }

    static func equal(_ a: RecordedEpisode, _ b: RecordedEpisode) -> Bool {
        a.actions == b.actions && a.states == b.states && a.rewards == b.rewards && a.dones == b.dones
            && a.lowDim.mapValues(\.values) == b.lowDim.mapValues(\.values)
            && a.cameras.mapValues(\.pixels) == b.cameras.mapValues(\.pixels)
    }

    @Test func `any number of workers gives the same episodes, and more begin with the same ones`() throws {
        let one = try Self.generate(3, workers: 1), two = try Self.generate(5, workers: 2)
        #expect(one.count == 3 && two.count == 5)
        // Compared outside #expect, which would print whole episodes.
        let areEqual = zip(one, two).map(Self.equal), otherSeed = try Self.generate(1, workers: 1, seed: 1)
        #expect(areEqual == [true, true, true])
        let isOtherEqual = Self.equal(two[0], otherSeed[0])
        #expect(!isOtherEqual)
    }

    @Test func `an episode has whole arrays, robomimic's keys, ends in success, and its actions replay it`() throws {
        let episode = try Self.generate(1, workers: 1)[0]
        let n = episode.length
        #expect(n >= 35 && n <= 90)
        #expect(episode.actions.count == n * 7 && episode.states.count == n * episode.stateDimension)
        #expect(episode.rewards.count == n && episode.dones.count == n)
        #expect(episode.actions.allSatisfy { abs($0) <= 1 })
        #expect(
            episode.lowDim.mapValues(\.width)
                == ["robot0_eef_pos": 3, "robot0_eef_quat": 4, "robot0_gripper_qpos": 2, "object": 10])
        #expect(episode.lowDim.allSatisfy { $0.value.values.count == n * $0.value.width })
        #expect(Set(episode.cameras.keys) == ["agentview_image", "robot0_eye_in_hand_image"])
        #expect(episode.cameras.allSatisfy { $0.value.pixels.count == n * 32 * 32 * 3 })
        #expect(episode.rewards.first == 0 && episode.rewards.last == 1 && episode.dones.last == 1)

        var simulator = TabletopSimulator(
            task: LiftTask(), state: try TabletopState(flat: Array(episode.states[..<episode.stateDimension])))
        for t in 0..<n {
            #expect(simulator.state.flat == Array(episode.states[t * episode.stateDimension..<(t + 1) * episode.stateDimension]))
            let outcome = simulator.step(Array(episode.actions[t * 7..<(t + 1) * 7]))
            #expect(outcome.reward == episode.rewards[t])
        }
    }

    @Test func `progress counts every demonstration and the environment is described in JSON`() throws {
        let counts = Counts()
        let made = try TabletopGenerator.generate(
            task: "lift", demonstrations: 4, seed: 2, workers: 2, imageSize: 8,
            progress: { done, total in counts.append(done, total) })
        #expect(counts.calls == [[1, 4], [2, 4], [3, 4], [4, 4]])
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(made.environment.utf8)) as? [String: Any])
        #expect(json["env_name"] as? String == "TabletopLift")
        #expect(json["env_kwargs"] is [String: Any])
    }

    @Test func `an unknown task and a count of zero are usage errors that say what there is`() {
        let unknown = #expect(throws: Failure.self) {
            try TabletopGenerator.generate(task: "lfit", demonstrations: 1, seed: 0, workers: 1)
        }
        #expect(unknown?.kind == .usage && unknown?.expected?.contains("lift") == true)
        let none = #expect(throws: Failure.self) {
            try TabletopGenerator.generate(task: "lift", demonstrations: 0, seed: 0, workers: 1)
        }
        #expect(none?.kind == .usage)
    }

    private final class Counts: @unchecked Sendable {
        private let lock = NSLock()
        private var seen: [[Int]] = []
        func append(_ done: Int, _ total: Int) { lock.withLock { seen.append([done, total]) } }
        var calls: [[Int]] { lock.withLock { seen } }
    }
}
