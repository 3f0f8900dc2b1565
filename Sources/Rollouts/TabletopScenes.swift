import Basics
import Demonstrations
import Images
import Tabletop

/// Scenes of the embedded simulator that no demonstration holds, as policies would observe them.
public struct TabletopScenes: Sendable {
    private let environment: TabletopEnvironment

    /// - Parameter set: whose cameras and low-dim keys are observed.
    /// - Throws: `Failure` (`data`) for a camera or a key that the simulator does not have.
    public init(_ task: any TabletopTask, like set: DemonstrationSet) throws {
        environment = try TabletopEnvironment(task, like: set)
    }

    /// The set's low-dim values of a state, [L].
    public func lowDim(of state: TabletopState) -> [Float] { environment.lowDim(of: state) }

    /// The scene standing still over `steps` observation steps, as at the start of an episode.
    /// - Parameters:
    ///   - source: the frame that the scene was made from.
    ///   - seed: of the episode that begins here.
    public func observation(of state: TabletopState, steps: Int, source: FrameReference?, seed: Seed) -> Observation {
        let images = environment.prototypes.value.map { camera, renderer in
            var renderer = renderer
            return renderer.image(of: state, camera: camera)
        }
        return Observation(
            images: Array(repeating: images, count: steps),
            lowDim: Array(repeating: environment.lowDim(of: state), count: steps), source: source,
            episode: EpisodeMemory(step: 0, start: nil, recalled: [], seed: seed, state: state.flat))
    }
}
