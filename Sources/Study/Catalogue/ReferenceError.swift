import Basics
import Demonstrations
import Policies

/// How far a policy's sequences are from those of the reference demonstrations, which neither a lookup table nor its encoder
/// has seen. Where no simulator made the demonstrations a variant is chosen by it; never by the queries.
///
/// A policy is asked along each demonstration, every `executed_steps` frames from its first, and remembers what it recalled
/// there before, as it would in an episode.
struct ReferenceError {
    let data: StudyData
    /// Of the draws, the same for every policy.
    let seed: Seed

    /// Root mean square of the differences of the executed actions, as far as the demonstration goes, in normalised units, over
    /// all queries.
    func value(of policy: any Policy) throws -> Double {
        let (set, layout) = (data.set, data.layout), longest = data.split.reference.map { set.episodes[$0].length }.max() ?? 0
        var recalled: [Int: [FrameReference]] = [:], starts: [Int: Observation] = [:]
        var squares = 0.0, count = 0
        for frame in stride(from: 0, to: longest, by: layout.executedSteps) {
            let asked = data.split.reference.filter { frame < set.episodes[$0].length }
            let observations = asked.map { demonstration in
                var observation = set.observation(
                    FrameReference(demonstration: demonstration, frame: frame), steps: layout.observationSteps)
                observation.episode = EpisodeMemory(
                    step: frame, start: starts[demonstration], recalled: recalled[demonstration, default: []],
                    seed: seed / demonstration, state: [])
                return observation
            }
            if frame == 0 { starts = Dictionary(uniqueKeysWithValues: zip(asked, observations)) }
            let answers = try policy.predict(observations, samples: 1, seeds: asked.map { seed / $0 / frame })
            for (demonstration, answer) in zip(asked, answers) {
                if let match = answer[0].match { recalled[demonstration, default: []].append(match.frame) }
                let window = layout.window(at: FrameReference(demonstration: demonstration, frame: frame))
                let truth = data.normalizer.normalizeActions(layout.actions(of: window, in: set))
                let actions = data.normalizer.normalizeActions(answer[0].actions), width = set.actionDimension
                let first = layout.observationSteps - 1
                let steps = (first..<first + layout.executedSteps).clamped(to: layout.validSteps(of: window, in: set))
                for entry in steps.lowerBound * width..<steps.upperBound * width {
                    squares += Double((actions[entry] - truth[entry]) * (actions[entry] - truth[entry]))
                    count += 1
                }
            }
        }
        return (squares / Double(count)).squareRoot()
    }
}
