import Basics
import Demonstrations
import Foundation
import Policies
import Tabletop

/// The control `expert`: what the embedded simulator's scripted expert would do at the state an observation comes
/// from, with a style of its own for every sample.
///
/// It has seen no demonstration, so its distance to the training sequences is what solving the task alone brings.
struct ExpertPolicy: Policy {
    let name = "expert"
    let isStochastic = true
    private let task: any TabletopTask
    private let set: DemonstrationSet
    private let layout: WindowLayout

    /// Nil unless the demonstrations were made by the embedded simulator and hold its states.
    init?(_ set: DemonstrationSet, _ layout: WindowLayout) {
        struct Environment: Decodable { let env_name: String }
        guard let text = set.environment, set.actionDimension == 7, set.episodes.allSatisfy({ !$0.states.isEmpty }) else {
            return nil
        }
        let name: String
        do { name = try JSONDecoder().decode(Environment.self, from: Data(text.utf8)).env_name } catch { return nil }
        guard let task = TabletopGenerator.tasks.first(where: { $0.environmentName == name }) else { return nil }
        self.task = task
        self.set = set
        self.layout = layout
    }

    /// - Throws: `Failure` for an observation that comes from no frame, or a state that is not the simulator's.
    func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
        try observations.enumerated().map { index, observation in
            guard let source = observation.source else {
                throw Failure(.data, "the expert needs the frame an observation comes from", at: "observation \(index)")
            }
            let episode = set.episodes[source.demonstration]
            let start = layout.window(at: source).start, first = max(0, start)
            let width = episode.states.count / episode.length
            let state = try TabletopState(flat: episode.states[first * width..<(first + 1) * width].map(Double.init))
            return (0..<samples).map { sample in
                let draw = seed / index / sample
                let actions = task.expertActions(
                    from: state, horizon: layout.horizon, style: ExpertStyle(seed: draw), seed: draw / "noise")
                // A window that begins before the episode repeats the first action, as the windows of the data do.
                let rows = (start..<start + layout.horizon).map { actions[max(0, $0 - first)] }
                return Prediction(actions: rows.joined().map(Float.init))
            }
        }
    }
}
