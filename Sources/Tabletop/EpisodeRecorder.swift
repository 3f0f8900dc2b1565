import Basics
import Demonstrations

/// Runs the expert and keeps what a robomimic file holds: row t is the state and observation before action t, and the
/// reward after it.
struct EpisodeRecorder {
    let task: any TabletopTask
    let options: ExpertOptions
    /// Steps recorded after the first success, as robosuite's data collection does.
    static let stepsAfterSuccess = 8
    /// Added to the task's limit where the first grasp misses.
    static let stepsOfAnotherTry = 60

    /// States and actions of one attempt; nil when the expert does not succeed within the task's limit.
    func attempt(_ placement: Placement, seed: Seed) -> (states: [TabletopState], actions: [[Double]])? {
        var simulator = TabletopSimulator(task: task, state: task.placed(placement, seed: seed))
        let style = ExpertStyle(seed: seed, options: options)
        let limit = task.stepLimit + (style.miss == nil ? 0 : Self.stepsOfAnotherTry)
        var expert = task.expert(at: simulator.state, style: style, seed: seed)
        var states: [TabletopState] = [], actions: [[Double]] = []
        var successes = 0
        while actions.count < limit {
            states.append(simulator.state)
            let action = expert.action(at: simulator.state)
            actions.append(action)
            successes = simulator.step(action).isSuccess ? successes + 1 : 0
            if successes > Self.stepsAfterSuccess { return (states, actions) }
        }
        return nil
    }

    /// The episode, with both cameras rendered where there is a renderer.
    func record(states: [TabletopState], actions: [[Double]], renderer: inout TabletopRenderer?) -> RecordedEpisode {
        precondition(!states.isEmpty && states.count == actions.count, "\(states.count) states, \(actions.count) actions")
        var lowDim: [String: RecordedEpisode.LowDim] = [:]
        var cameras: [String: RecordedEpisode.Camera] = [:]
        var rewards: [Double] = []
        for camera in renderer == nil ? [] : TabletopCamera.allCases {
            let images = states.compactMap { renderer?.image(of: $0, camera: camera) }
            cameras[camera.imageKey] = .init(
                height: images[0].height, width: images[0].width, pixels: images.flatMap(\.pixels))
        }
        for (state, action) in zip(states, actions) {
            var simulator = TabletopSimulator(task: task, state: state)
            for (key, values) in simulator.observation() {
                lowDim[key, default: .init(width: values.count, values: [])].values += values
            }
            rewards.append(simulator.step(action).reward)
        }
        let flat = states.map(\.flat)
        return RecordedEpisode(
            length: states.count, actionDimension: TabletopSimulator.actionDimension, actions: actions.flatMap { $0 },
            stateDimension: flat[0].count, states: flat.flatMap { $0 }, rewards: rewards,
            dones: rewards.indices.map { rewards[$0] > 0 || $0 == rewards.count - 1 ? 1 : 0 }, lowDim: lowDim,
            cameras: cameras)
    }
}
