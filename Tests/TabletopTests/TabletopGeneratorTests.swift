import Basics
import Demonstrations
import Foundation
import Tabletop
import Testing

@Suite struct TabletopGeneratorTests {
    static func generate(_ count: Int, workers: Int, seed: Int = 0) throws -> [RecordedEpisode] {
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

    /// FNV-1a over the bits of a list of numbers.
    static func hash(_ values: [UInt64]) -> String {
        String(values.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01b3 }, radix: 16)
    }

    @Test func `lift's demonstrations stay what they are, to the last bit of numbers and pixels`() throws {
        // Whoever made demonstrations or trained on them has these: change them knowingly, and change these values.
        let episodes = try TabletopGenerator.generate(task: "lift", demonstrations: 3, seed: 0, workers: 2).episodes
        #expect(
            episodes.map { Self.hash(($0.actions + $0.states).map(\.bitPattern)) }
                == ["4211ef8834b4679", "361fc3065795b3d9", "c5275bd1c6d5fa99"])
        let pixels = episodes.map { episode in
            Self.hash(episode.cameras.sorted { $0.key < $1.key }.flatMap { $0.value.pixels.map(UInt64.init) })
        }
        #expect(pixels == ["c1fb9db63d369265", "6d9476c564a67ec6", "b4bb1f5b38ca2906"])
    }

    @Test(arguments: ["lift_wide", "place", "detour"])
    func `a demonstration of another task has the same keys, and replays`(name: String) throws {
        let made = try TabletopGenerator.generate(task: name, demonstrations: 2, seed: 0, workers: 2, imageSize: 8)
        let task = try TabletopGenerator.task(named: name), cubes = name == "place" ? 2 : 1
        #expect(made.environment.contains(task.environmentName))
        for episode in made.episodes {
            #expect(
                episode.lowDim.mapValues(\.width)
                    == ["robot0_eef_pos": 3, "robot0_eef_quat": 4, "robot0_gripper_qpos": 2, "object": 10 * cubes])
            #expect(episode.rewards.last == 1 && episode.rewards.first == 0 && episode.actionDimension == 7)
            let width = episode.stateDimension
            for t in 0..<episode.length - 1 {
                var simulator = TabletopSimulator(
                    task: task, state: try TabletopState(flat: Array(episode.states[t * width..<(t + 1) * width])))
                simulator.step(Array(episode.actions[t * 7..<(t + 1) * 7]))
                #expect(simulator.state.flat == Array(episode.states[(t + 1) * width..<(t + 2) * width]))
            }
        }
    }

    @Test func `starts, noise and misses reach the demonstrations`() throws {
        func episodes(_ change: (inout TabletopGenerator.Configuration) -> Void) throws -> [RecordedEpisode] {
            var settings = TabletopGenerator.Configuration { $0.demonstrations = 6 }
            change(&settings)
            return try TabletopGenerator.generate(settings, workers: 2, imageSize: 8).episodes
        }
        let usual = try episodes { _ in }, grid = try episodes { $0.starts = .grid }
        let clean = try episodes { $0.expertNoise = 0 }, missing = try episodes { $0.missShare = 1 }
        let region = LiftTask().startRegion, cell = (region.objectHigh - region.objectLow) / 4
        for (index, episode) in grid.enumerated() {
            let place = region.objectLow + cell * (SIMD2(Double(index % 4), Double(index / 4)) + 0.5)
            #expect(Array(episode.states[23..<25]) == [place.x, place.y])
        }
        // The same starts, done without noise: the second differences of the commands are small.
        func roughness(_ episode: RecordedEpisode) -> Double {
            let x = stride(from: 0, to: episode.actions.count, by: 7).map { episode.actions[$0] }
            var sum = 0.0
            for t in 2..<x.count {
                let (before, after) = (x[t - 1] - x[t - 2], x[t] - x[t - 1])
                sum += abs(after - before)
            }
            return sum / Double(x.count)
        }
        for (noisy, smooth) in zip(usual, clean) {
            #expect(noisy.states[..<31] == smooth.states[..<31])
            #expect(roughness(smooth) < 0.8 * roughness(noisy), "\(roughness(smooth)), \(roughness(noisy))")
        }
        for (episode, other) in zip(missing, usual) {
            let grip = stride(from: 6, to: episode.actions.count, by: 7).map { episode.actions[$0] }
            #expect(zip(grip, grip.dropFirst()).count { $0 < 0 && $1 > 0 } == 2)
            #expect(episode.states[..<31] == other.states[..<31])
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
