import Basics
import Demonstrations
import Policies
import Tabletop

/// What the embedded simulator's scripted expert would do at the state an observation comes from, with a style of its own for
/// every sample; in an episode under way, at the episode's state and in one style throughout.
///
/// It has seen no demonstration, so its distance to the training sequences is what solving the task alone brings.
struct ExpertPolicy: Policy {
    let isStochastic = true
    private let task: any TabletopTask
    private let set: DemonstrationSet
    private let layout: WindowLayout

    /// Nil unless the demonstrations were made by the embedded simulator and hold its states.
    init?(_ set: DemonstrationSet, _ layout: WindowLayout) {
        guard let task = RecordedScenes.task(of: set) else { return nil }
        self.task = task
        self.set = set
        self.layout = layout
    }

    /// - Throws: `Failure` for an observation that comes from no frame, or a state that is not the simulator's.
    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        try observations.enumerated().map { index, observation in
            if let episode = observation.episode { return try predict(in: episode, samples: samples, seed: seeds[index]) }
            guard let source = observation.source else {
                throw Failure(.data, "the expert needs the frame an observation comes from", at: "observation \(index)")
            }
            let start = layout.window(at: source).start, first = max(0, start)
            let state = try RecordedScenes.state(
                of: FrameReference(demonstration: source.demonstration, frame: first), in: set)
            return (0..<samples).map { sample in
                let draw = seeds[index] / sample
                let actions = task.expertActions(
                    from: state, horizon: layout.horizon, style: ExpertStyle(seed: draw), seed: draw / "noise")
                // A window that begins before the episode repeats the first action, as the windows of the data do.
                let rows = (start..<start + layout.horizon).map { actions[max(0, $0 - first)] }
                return Prediction(actions: rows.joined().map(Float.init))
            }
        }
    }

    private func predict(in episode: EpisodeMemory, samples: Int, seed: Seed) throws -> [Prediction] {
        let state = try TabletopState(flat: episode.state)
        var style = ExpertStyle(seed: episode.seed)
        // The second-nearest yaw is chosen once: from a hand that is on its way there it would be yet another.
        if episode.step > 0 { style.usesSecondYaw = false }
        return (0..<samples).map { sample in
            let actions = task.expertActions(from: state, horizon: layout.horizon, style: style, seed: seed / sample / "noise")
            // The first observed steps are past: their place holds the first action.
            let rows = (1 - layout.observationSteps..<1 - layout.observationSteps + layout.horizon).map { actions[max(0, $0)] }
            return Prediction(actions: rows.joined().map(Float.init))
        }
    }
}
