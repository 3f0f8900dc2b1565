import Basics
import Demonstrations
import Images
import Tabletop

/// A task of the embedded simulator, seen through the cameras and low-dim keys of recorded demonstrations.
public struct TabletopEnvironment: Environment {
    /// Something that happens to the scene during an episode.
    public enum Disturbance: Sendable, Equatable {
        /// After so many control steps the object is moved to where it would lie in another start, unless it is held.
        case movesObject(atStep: Int)
    }

    let rules: any TabletopTask
    let lowDimKeys: [String]
    let disturbance: Disturbance?
    /// The cameras, each with a renderer to copy.
    let prototypes: Prototypes

    public var task: String { rules.name }

    /// - Parameters:
    ///   - set: whose cameras and low-dim keys are observed.
    ///   - appearance: how the scene looks.
    /// - Throws: `Failure` (`data`) for a camera or a key that the simulator does not have.
    public init(
        _ task: any TabletopTask, like set: DemonstrationSet, appearance: SceneAppearance = .standard, disturbance: Disturbance? = nil
    ) throws {
        func known<Value>(_ value: Value?, _ key: String, among keys: [String]) throws -> Value {
            if let value { return value }
            throw Failure(
                .data, "the simulator has no observation of this name", at: "\(set.path): \(key)", expected: keys.joined(separator: ", "),
                found: key, remedy: "leave the key out of data.cameras, data.low_dim and state.low_dim, or leave rollouts out")
        }
        rules = task
        self.disturbance = disturbance
        prototypes = Prototypes(
            value: try set.cameras.map { shape in
                let camera = TabletopCamera.allCases.first { $0.imageKey == shape.key }
                return (
                    try known(camera, shape.key, among: TabletopCamera.allCases.map(\.imageKey)),
                    TabletopRenderer(
                        appearance: appearance, fixtures: task.fixtures, width: shape.width, height: shape.height)
                )
            })
        lowDimKeys = try set.lowDimKeys.map { key in
            try known(TabletopSimulator.observationKeys.first { $0 == key.key }, key.key, among: TabletopSimulator.observationKeys)
        }
    }

    /// Never drawn with, only copied.
    struct Prototypes: @unchecked Sendable {
        let value: [(camera: TabletopCamera, renderer: TabletopRenderer)]
    }

    /// The set's low-dim values of a state, [L].
    func lowDim(of state: TabletopState) -> [Float] {
        let values = TabletopSimulator(task: rules, state: state).observation()
        return lowDimKeys.flatMap { values[$0] ?? [] }.map(Float.init)
    }

    public func begin(_ seeds: [Seed], pool: WorkerPool) -> any EpisodeBatch { TabletopBatch(self, seeds, pool) }
}

private struct TabletopBatch: EpisodeBatch {
    private let environment: TabletopEnvironment
    private let pool: WorkerPool
    private let seeds: [Seed]
    private var simulators: [TabletopSimulator]
    private var wereSuccessful: [Bool]
    private let renderers: Renderers

    init(_ environment: TabletopEnvironment, _ seeds: [Seed], _ pool: WorkerPool) {
        self.environment = environment
        self.pool = pool
        self.seeds = seeds
        simulators = seeds.map { TabletopSimulator(task: environment.rules, seed: $0) }
        wereSuccessful = simulators.map { environment.rules.isSuccess($0.state) }
        renderers = Renderers(environment.prototypes.value, workers: pool.workers)
    }

    mutating func observe(_ episodes: [Int]) -> [Frame] {
        let simulators = episodes.map { self.simulators[$0] }, renderers = renderers
        var images = [[RGBImage]](repeating: [], count: episodes.count)
        if !environment.prototypes.value.isEmpty {
            images.withUnsafeMutableBufferPointer { buffer in
                // Every slot is written by one lane.
                nonisolated(unsafe) let slots = buffer
                pool.run(lanes: simulators.count) { lane, worker in
                    slots[lane] = renderers.images(of: simulators[lane].state, worker: worker)
                }
            }
        }
        return zip(simulators, images).map { Frame(images: $1, lowDim: environment.lowDim(of: $0.state)) }
    }

    mutating func step(_ episodes: [Int], actions: [[Float]]) {
        for (episode, action) in zip(episodes, actions) {
            if case .movesObject(simulators[episode].state.stepCount) = environment.disturbance {
                moveObject(episode)
            }
            wereSuccessful[episode] = simulators[episode].step(action.map(Double.init)).isSuccess
        }
    }

    /// To where it would lie in another start; the next draw where the hand is in the way.
    private mutating func moveObject(_ episode: Int) {
        for draw in 0..<Self.draws {
            let other = environment.rules.initialState(seed: seeds[episode] / "moved" / draw).cubes[0]
            if simulators[episode].moveObject(0, to: SIMD2(other.position.x, other.position.y), yaw: other.orientation.yaw) { return }
        }
    }

    private static let draws = 20

    func standing(_ episode: Int) -> EpisodeStanding {
        let state = simulators[episode].state
        return EpisodeStanding(
            isSuccess: wereSuccessful[episode], progress: environment.rules.progress(state), state: state.flat)
    }
}

/// Renderers of all cameras for every worker: one serves one thread, and their textures are drawn once.
private final class Renderers: @unchecked Sendable {
    private let cameras: [TabletopCamera]
    private var renderers: [Renderer]  // [worker][camera]

    private final class Renderer {
        var value: TabletopRenderer
        init(_ value: TabletopRenderer) { self.value = value }
    }

    init(_ prototypes: [(camera: TabletopCamera, renderer: TabletopRenderer)], workers: Int) {
        cameras = prototypes.map(\.camera)
        renderers = (0..<workers).flatMap { _ in prototypes.map { Renderer($0.renderer) } }
    }

    /// [camera]
    func images(of state: TabletopState, worker: Int) -> [RGBImage] {
        cameras.indices.map { renderers[worker * cameras.count + $0].value.image(of: state, camera: cameras[$0]) }
    }
}
