import Basics
import Demonstrations
import Foundation
import Images
import Tabletop

/// The embedded simulator behind demonstrations it recorded: their frames can be rendered again with another appearance.
struct RecordedScenes: Sendable {
    private let set: DemonstrationSet
    private let cameras: [TabletopCamera]
    private let states: [Int: [TabletopState]]  // by demonstration
    /// What of the task stands on the table in every picture.
    let fixtures: [Fixture]

    /// The task whose demonstrations these are; nil unless the embedded simulator made them and they hold its states.
    static func task(of set: DemonstrationSet) -> (any TabletopTask)? {
        struct Environment: Decodable { let env_name: String }
        guard let text = set.environment, set.actionDimension == 7, set.episodes.allSatisfy({ !$0.states.isEmpty }) else {
            return nil
        }
        let name: String
        do { name = try JSONDecoder().decode(Environment.self, from: Data(text.utf8)).env_name } catch { return nil }
        return TabletopGenerator.tasks.first { $0.environmentName == name }
    }

    /// Nil unless the embedded simulator made the demonstrations and has every one of their cameras.
    /// - Throws: `Failure` for a state that is not the simulator's.
    init?(_ set: DemonstrationSet, demonstrations: [Int]) throws {
        let cameras = set.cameras.compactMap { camera in TabletopCamera.allCases.first { $0.imageKey == camera.key } }
        guard let task = Self.task(of: set), cameras.count == set.cameras.count else { return nil }
        fixtures = task.fixtures
        self.set = set
        self.cameras = cameras
        states = try Dictionary(
            uniqueKeysWithValues: demonstrations.map { demonstration in
                let frames = 0..<set.episodes[demonstration].length
                return (
                    demonstration,
                    try frames.map { try Self.state(of: FrameReference(demonstration: demonstration, frame: $0), in: set) }
                )
            })
    }

    /// - Throws: `Failure` for a state that is not the simulator's.
    static func state(of frame: FrameReference, in set: DemonstrationSet) throws -> TabletopState {
        let episode = set.episodes[frame.demonstration], width = episode.states.count / episode.length
        return try TabletopState(flat: episode.states[frame.frame * width..<(frame.frame + 1) * width].map(Double.init))
    }

    func state(of frame: FrameReference) -> TabletopState {
        guard let states = states[frame.demonstration] else {
            preconditionFailure("demonstration \(frame.demonstration) is not one of \(states.keys.sorted())")
        }
        return states[frame.frame]
    }

    /// The last `steps` frames ending at `frame`, as `DemonstrationSet.observation`, all cameras rendered. [step][camera]
    func images(_ frame: FrameReference, steps: Int, _ appearance: SceneAppearance) -> [[RGBImage]] {
        let frames = (0..<steps).map {
            FrameReference(demonstration: frame.demonstration, frame: max(0, frame.frame - (steps - 1) + $0))
        }
        return images(frames.map(state(of:)), appearance, fixtures)
    }

    /// All cameras of the set in each of `states`, on a table with `fixtures`. [state][camera]
    func images(_ states: [TabletopState], _ appearance: SceneAppearance, _ fixtures: [Fixture]) -> [[RGBImage]] {
        let byCamera = zip(cameras, set.cameras).map { camera, shape in
            var renderer = TabletopRenderer(
                appearance: appearance, fixtures: fixtures, width: shape.width, height: shape.height)
            return states.map { renderer.image(of: $0, camera: camera) }
        }
        return states.indices.map { step in byCamera.map { $0[step] } }
    }
}
