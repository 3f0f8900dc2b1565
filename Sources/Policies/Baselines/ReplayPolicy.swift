import Basics
import Demonstrations

/// Carries one training demonstration out from its beginning to its end, whatever is observed on the way: what success needs
/// beyond it, a policy has by looking.
public struct ReplayPolicy: Policy {
    /// Which demonstration of the training windows is replayed.
    public enum Choice: Sendable {
        /// That whose first frame is nearest to the first observation of the episode, by a key.
        case nearestStart(any ObservationKey)
        /// Any, drawn by the episode's seed.
        case random
    }

    public let isStochastic = false
    /// The first observation, of all that it is told.
    public let remembersEpisode = true
    private let set: DemonstrationSet
    private let layout: WindowLayout
    private let demonstrations: [Int]
    private let choice: Choice
    private let starts: [Float]  // [demonstrations, width of the key]

    public init(_ choice: Choice, set: DemonstrationSet, layout: WindowLayout, windows: [Window]) {
        self.choice = choice
        self.set = set
        self.layout = layout
        demonstrations = Set(windows.map(\.demonstration)).sorted()
        switch choice {
        case .nearestStart(let key):
            starts = key.rows(
                of: demonstrations.map { set.observation(FrameReference(demonstration: $0, frame: 0), steps: layout.observationSteps) })
        case .random: starts = []
        }
    }

    /// An observation of no episode is taken for the first of one.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let chosen = demonstrations(for: observations, seeds)
        return zip(observations, chosen).map { observation, demonstration in
            // Past its end a demonstration repeats its last action.
            let frame = min(observation.episode?.step ?? 0, set.episodes[demonstration].length - 1)
            let reference = FrameReference(demonstration: demonstration, frame: frame)
            let actions = layout.actions(of: layout.window(at: reference), in: set)
            return Array(
                repeating: Prediction(actions: actions, match: Match(frame: reference, similarity: 0)), count: samples)
        }
    }

    private func demonstrations(for observations: [Observation], _ seeds: [Seed]) -> [Int] {
        switch choice {
        case .random:
            return zip(observations, seeds).map { observation, seed in
                var source = RandomSource((observation.episode?.seed ?? seed) / "replay")
                return demonstrations[source.index(below: demonstrations.count)]
            }
        case .nearestStart(let key):
            let rows = key.rows(of: observations.map { $0.episode?.start ?? $0 }), width = key.width
            return observations.indices.map { row in
                let nearest = demonstrations.indices.min {
                    rowDistance(rows, row, starts, $0, width: width) < rowDistance(rows, row, starts, $1, width: width)
                }
                return demonstrations[nearest ?? 0]
            }
        }
    }
}
