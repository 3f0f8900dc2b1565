import Basics
import Demonstrations
import Policies
import Rollouts
import Tabletop
import Testing

@Suite struct TabletopEnvironmentTests {
    /// Demonstration 0 of the generator with this seed, as it is loaded from a file.
    static func recorded() throws -> (set: DemonstrationSet, scene: Seed) {
        let made = try TabletopGenerator.generate(task: "lift", demonstrations: 1, seed: 5, workers: 2, imageSize: 24)
        let episode = made.episodes[0]
        let cameras = ["agentview_image", "robot0_eye_in_hand_image"], keys = TabletopSimulator.observationKeys
        let widths = keys.map { episode.lowDim[$0]?.width ?? 0 }
        var lowDim: [Float] = []
        for step in 0..<episode.length {
            for (key, width) in zip(keys, widths) {
                let values = try #require(episode.lowDim[key]).values
                lowDim += values[step * width..<(step + 1) * width].map(Float.init)
            }
        }
        let set = DemonstrationSet(
            path: "memory", cameras: cameras.map { Camera(key: $0, height: 24, width: 24) },
            lowDimKeys: zip(keys, widths).map { LowDimKey(key: $0, width: $1) }, actionDimension: 7,
            episodes: [Episode(name: "demo_0", length: episode.length, actions: episode.actions.map(Float.init), lowDim: lowDim)],
            environment: made.environment, pixels: cameras.flatMap { episode.cameras[$0]?.pixels ?? [] })
        // The attempt that succeeded is the first that does.
        #expect(made.rejectedAttempts == 0)
        return (set, Seed(5) / "tabletop" / "lift" / 0 / 0)
    }

    @Test(arguments: [1, 2]) func `a demonstration carried out from its own start shows what was recorded and succeeds`(_ workers: Int)
        throws
    {
        let (set, scene) = try Self.recorded()
        let environment = try TabletopEnvironment(LiftTask(), like: set), pool = WorkerPool(workers: workers)
        var batch = environment.begin([scene, scene / "other"], pool: pool)
        for step in 0..<set.episodes[0].length {
            let frames = try batch.observe([0, 1]), recorded = FrameReference(demonstration: 0, frame: step)
            // The file's actions are rounded to single precision.
            let apart = zip(frames[0].lowDim, set.lowDim(recorded)).map { abs($0 - $1) }.max() ?? 1
            #expect(frames[0].lowDim.count == set.lowDimDimension && apart < 1e-5)
            if step == 0 { #expect(frames[0].images == (0..<2).map { set.image(recorded, camera: $0) }) }
            #expect(frames[1].images != frames[0].images)
            let action = Array(set.episodes[0].actions[step * 7..<(step + 1) * 7])
            try batch.step([0, 1], actions: [action, action])
        }
        #expect(batch.standing(0).isSuccess && batch.standing(0).progress == 1)
        #expect(!batch.standing(1).isSuccess)
    }

    @Test func `a key that the simulator does not have is named`() throws {
        let set = DemonstrationSet(
            path: "memory", cameras: [], lowDimKeys: [LowDimKey(key: "robot1_eef_pos", width: 3)], actionDimension: 7, episodes: [],
            environment: nil, pixels: [])
        #expect { try TabletopEnvironment(LiftTask(), like: set) } throws: { "\($0)".contains("robot1_eef_pos") }
    }
}
